"""An encoder of pictures as a backbone: frames in, one vector a picture out, and patches where they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vertikit.contracts import BackboneInfo, Features, Graph, Outlet
from vertikit.pictures import Pictures
from vertikit_plugins.backbones.pictures.items import Framing, PictureItems
from vertikit_plugins.backbones.pictures.simsiam import SimSiam

AT_ONCE = 200_000
"""Pixels of the frames that go through an encoder together where nothing is trained, on a processor: more, and what
lies between its layers leaves the caches and is most of the memory; fewer, and calls cost more than they compute."""


class PictureEncoder(nn.Module):
    """Brings pixels to the scale of the encoder, and averages over the frames of a picture.

    Args:
        encoder: pixels [W, 3, S, S] -> vectors [W, D], or maps [W, D_i, H_i, W_i] of several layers, to become patches.
        mean, std: of red, green and blue, on the scale from 0 to 1.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, encoder: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1) * 255, persistent=False)

    def forward(self, pixels: Tensor, owner: Tensor) -> Features:
        """pixels [W, C, S, S] from 0 to 255, owner [W] -> pooled [B, D], and tokens [B, H, W, D] of maps: of several
        layers side by side, on the grid of the finest, each averaged over 3 x 3 of its own cells before (Roth et al.
        2022, section 3.1): a coarse layer knows more of its surroundings than a fine one, and has to be averaged over
        more of them."""
        return self.of_frames(self._encoded(pixels), lambda frames: _averaged(frames, owner))

    def of_frames(self, found: Tensor | Sequence[Tensor], averaged: Callable[[Tensor], Tensor]) -> Features:
        """What the encoder gave of frames -> features of pictures; `averaged` takes [W, ...] to [B, ...]."""
        if isinstance(found, Tensor):
            return Features(pooled=averaged(found.float()))
        finest = max((each.shape[-2:] for each in found), key=lambda shape: shape[0] * shape[1])
        if len(found) > 1:
            found = [functional.avg_pool2d(each, 3, 1, 1) for each in found]
        maps = [
            each if each.shape[-2:] == finest
            else functional.interpolate(each, size=finest, mode="bilinear", align_corners=False)
            for each in found
        ]  # fmt: skip
        tokens = averaged(torch.cat(maps, dim=1).float()).permute(0, 2, 3, 1)
        return Features(pooled=tokens.mean(dim=(1, 2)), tokens=tokens)

    def _encoded(self, pixels: Tensor) -> Tensor | list[Tensor]:
        """What the encoder gives; a few frames at a time where nothing is trained."""
        if torch.is_grad_enabled() or self.training or pixels.device.type != "cpu":
            return self._scaled(pixels)
        count = max(1, AT_ONCE // (pixels.shape[-2] * pixels.shape[-1]))
        pieces = [
            self._scaled(pixels[start : start + count]) for start in range(0, max(1, len(pixels)), count)
        ]
        if isinstance(pieces[0], Tensor):
            return torch.cat([each for each in pieces if isinstance(each, Tensor)])
        return [torch.cat(maps) for maps in zip(*pieces, strict=True)]

    def standard(self, pixels: Tensor) -> Tensor:
        """Pixels from 0 to 255 on the scale of the encoder."""
        return (pixels.float() - self.mean) / self.std

    def _scaled(self, pixels: Tensor) -> Tensor | list[Tensor]:
        found: Tensor | list[Tensor] = self.encoder(self.standard(pixels))
        return found


def _averaged(frames: Tensor, owner: Tensor) -> Tensor:
    """[W, ...] of frames -> [B, ...] of the pictures that they are of."""
    count = int(owner[-1]) + 1
    if len(owner) == count:
        return frames
    total = frames.new_zeros(count, *frames.shape[1:]).index_add(0, owner, frames)
    number = torch.bincount(owner, minlength=count).to(frames.dtype)
    return total / number.view(-1, *([1] * (frames.dim() - 1)))


def _pooling(shares: Tensor) -> Callable[[Tensor], Tensor]:
    """[B, W] of what share each frame has in a picture -> what averages."""
    return lambda frames: torch.tensordot(shares, frames, dims=1)


def _fed(batches: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Frames of all pictures, grey ones spread over three channels, and what share each has in its picture."""
    found: dict[str, Tensor] = {}
    pixels = [each["pixels"].expand(-1, 3, -1, -1) for each in batches]
    start, frames = 0, sum(len(each) for each in pixels)
    for at, each in enumerate(batches):
        owner = each["owner"]
        pooling = torch.zeros(int(owner[-1]) + 1, frames)
        pooling[owner, torch.arange(start, start + len(owner))] = 1.0
        found[f"pooling_{at}"] = pooling / pooling.sum(dim=1, keepdim=True)
        start += len(owner)
    return {"pixels": torch.cat(pixels), **found}


def _several(found: Tensor | Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (found,) if isinstance(found, Tensor) else tuple(found)


def _as_was(tensors: Sequence[Tensor]) -> Tensor | list[Tensor]:
    return tensors[0] if len(tensors) == 1 and tensors[0].dim() == 2 else list(tensors)


class PictureBackbone:
    """`vertikit.contracts.Backbone` for a loaded encoder of pictures."""

    def __init__(
        self,
        info: BackboneInfo,
        module: PictureEncoder,
        framing: Framing,
        layers: Sequence[nn.Module],
        settings: object,
    ) -> None:
        self.info = info
        self.module = module
        self._framing = framing
        self._layers = list(layers)
        told = (info.name, info.sha256, framing.size, framing.fit, settings)
        self.fingerprint = hashlib.sha256(repr(told).encode()).hexdigest()

    def items(self, values: Sequence[object]) -> PictureItems:
        """Squares of pictures, which come as `Pictures`."""
        assert isinstance(values, Pictures)
        return PictureItems(values, self._framing)

    @property
    def alters(self) -> bool:
        """Whether training sees pictures altered."""
        return self._framing.augment.alters

    def graph(self) -> Graph:
        """Of the encoder of frames, without what scales pixels and averages frames."""
        side = self._framing.size
        return Graph(
            "encoder", {"pixels": torch.zeros(2, 3, side, side)}, {"pixels": {0: "frames"}}, _several, _as_was
        )

    def outlet(self, bindings: int) -> Outlet:
        """Pixels are scaled before it, and the frames of a picture averaged after it."""
        side = self._framing.size
        pixels = torch.zeros(3, 3, side, side, dtype=torch.uint8)
        shares = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
        names = [f"pooling_{at}" for at in range(bindings)]

        def after(tensors: Sequence[Tensor], inputs: Mapping[str, Tensor]) -> list[Features]:
            found = tensors[0] if len(tensors) == 1 and tensors[0].dim() == 2 else list(tensors)
            return [self.module.of_frames(found, _pooling(inputs[name])) for name in names]

        # A tensor of its own for each: tracing takes one tensor for one input.
        return Outlet(
            {"pixels": pixels, **{name: shares.clone() for name in names}},
            {"pixels": {0: "frames"}, **{name: {0: "rows", 1: "frames"} for name in names}},
            lambda inputs: (self.module.standard(inputs["pixels"]),),
            after,
            _fed,
            f"pixels are red, green and blue from 0 to 255, frame by frame, each brought to {side} x {side} "
            f"({self._framing.fit}; bilinear, antialiased); pooling says what share each frame has in a picture.",
        )

    def portable(self, bindings: Sequence[Sequence[str]]) -> None:
        """None: files are read and brought to a square by the kit."""
        del bindings

    @property
    def pretexts(self) -> Mapping[str, float]:
        """SimSiam."""
        return {"simsiam": 1e-3}

    def pretext(self, name: str) -> nn.Module:  # noqa: ARG002
        """SimSiam."""
        return SimSiam(self.info.width)

    def blocks(self) -> list[nn.Module]:
        """From input to output; the first counts as the embedding."""
        return self._layers
