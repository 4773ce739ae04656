"""A small residual network for pictures, for where no weights can be had: trained on the user's own pictures alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import BackboneInfo
from vertikit_plugins.backbones.pictures.augmenting import Augmentation
from vertikit_plugins.backbones.pictures.encoder import PictureBackbone, PictureEncoder
from vertikit_plugins.backbones.pictures.items import Fit, Framing

MULTIPLE = 8
"""Of channels: what processors take at once."""
MOMENTUM = 0.2
"""Of running means: an epoch of a few hundred pictures has few steps for them to settle."""


def _norm(width: int) -> nn.BatchNorm2d:
    """Over the batch (Ioffe and Szegedy 2015, arXiv:1502.03167): what all pictures have in common is taken out, and it
    is most of what pictures of one trade are made of."""
    return nn.BatchNorm2d(width, momentum=MOMENTUM)


class Block(nn.Module):
    """Two convolutions beside a short cut (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, inside: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, width, 3, stride, 1, bias=False)
        self.first_norm = _norm(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = _norm(width)
        same = stride == 1 and inside == width
        self.short = nn.Identity() if same else nn.Conv2d(inside, width, 1, stride, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """[W, C, H, W'] -> [W, width, H / stride, W' / stride]."""
        found = torch.relu(self.first_norm(self.first(maps)))
        return torch.relu(self.second_norm(self.second(found)) + self.short(maps))


class Residual(nn.Module):
    """A stem and stages of blocks; each stage halves the map and doubles its channels.

    With `tokens_from`, the maps of these stages (from 1) instead of the mean over the last one.
    """

    def __init__(self, width: int, stages: int, tokens_from: Sequence[int] = ()) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), _norm(width), nn.ReLU())
        widths = [width * 2**at for at in range(stages)]
        self.stages = nn.ModuleList(
            nn.Sequential(Block(inside, own, 2), Block(own, own, 1))
            for inside, own in zip([width, *widths], widths, strict=False)
        )
        self.tokens_from = tuple(tokens_from)

    def forward(self, pixels: Tensor) -> Tensor | list[Tensor]:
        """pixels [W, 3, S, S] -> [W, D], or maps."""
        maps, kept = self.stem(pixels), []
        for number, stage in enumerate(self.stages, 1):
            maps = stage(maps)
            if number in self.tokens_from:
                kept.append(maps)
        return kept if self.tokens_from else maps.mean(dim=(2, 3))


class ResidualSource:
    """`vertikit.contracts.BackboneSource` for a small residual network, untrained."""

    def __init__(self, framing: Framing, width: int, stages: int, tokens_from: Sequence[int]) -> None:
        self._framing, self._width, self._stages, self._tokens_from = (
            framing,
            width,
            stages,
            tuple(tokens_from),
        )

    def info(self) -> BackboneInfo:
        with torch.device("meta"):
            parameters = sum(each.numel() for each in Residual(self._width, self._stages).parameters())
        widths = [self._width * 2 ** (stage - 1) for stage in self._tokens_from or (self._stages,)]
        return BackboneInfo(
            name="picture-cnn",
            source="untrained",
            modality="image",
            pretrained=False,
            licence="none: it has no weights of its own",
            languages=(),
            parameters=parameters,
            width=sum(widths),
            max_length=self._framing.size,
            layers=self._stages,
            adapter_targets=(),
            sha256="",
        )

    def build(self) -> PictureBackbone:
        torch.manual_seed(0)
        encoder = Residual(self._width, self._stages, self._tokens_from)
        module = PictureEncoder(encoder, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
        settings = (self._width, self._stages, self._tokens_from)
        return PictureBackbone(
            self.info(), module.eval(), self._framing, [encoder.stem, *encoder.stages], settings
        )


def source(
    *,
    size: int = 64,
    width: int = 16,
    stages: int = 4,
    fit: Fit = "squash",
    tokens_from: list[int] | None = None,
    augment: dict[str, float] | None = None,
) -> ResidualSource:
    """A small residual network, untrained.

    Args:
        size: side of the square that it takes, in pixels.
        width: channels of its first stage, a multiple of 8; each further stage has twice as many.
        stages: each halves the map.
        fit: squash changes proportions and keeps the edges; crop keeps the middle square; pad adds black.
        tokens_from: stages, from 1, whose maps are patches, for heads that show places; null: none.
        augment: how training alters pictures, such as {flip: 0.5, rotate: 10}; null: not at all.
    """
    if width % MULTIPLE or width < MULTIPLE or not 1 <= stages <= 6 or size < 2**stages or size > 1024:
        raise UsageError(
            f"backbone: a side of {size}, a width of {width} and {stages} stages make no network.",
            f"Take a multiple of {MULTIPLE} for the width, 1 to 6 stages, and a side of at least 2 to their power.",
        )
    if tokens_from and not all(1 <= each <= stages for each in tokens_from):
        raise UsageError(
            f"backbone.tokens_from: {tokens_from} are no stages.", f"Give some from 1 to {stages}."
        )
    return ResidualSource(Framing(size, fit, Augmentation(augment or {})), width, stages, tokens_from or ())
