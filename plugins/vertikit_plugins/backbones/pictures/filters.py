"""A bank of filters for pictures: derivatives of Gaussians at several scales, which need no training and no weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import BackboneInfo, Features
from vertikit_plugins.backbones.pictures.augmenting import Augmentation
from vertikit_plugins.backbones.pictures.encoder import PictureBackbone, PictureEncoder
from vertikit_plugins.backbones.pictures.items import Fit, Framing

ORDERS = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 1))
"""Of the derivatives, down and across."""
REACH = 4
"""Standard deviations at which a filter ends."""


def _median(values: Tensor) -> Tensor:
    """[N, P] -> the lower median [N]."""
    if not torch.compiler.is_exporting():
        return values.median(dim=1).values
    # ONNX has no median, and does have the smallest half.
    return values.topk((values.shape[1] + 1) // 2, dim=1, largest=False).values[:, -1]


class FilterBank(nn.Module):
    """How much edge and ridge there is around each place, and how bright and coloured it is.

    Brightness is divided by the picture's median, so that a darker shot looks the same. At each scale, first and second
    derivatives of a Gaussian (Leung and Malik 2001, doi:10.1023/A:1011126920638; times the scale to their order,
    Lindeberg 1998), their size averaged over a cell of the grid; then the cell's mean brightness, and what red and blue
    have more than green.

    Args:
        scales: standard deviations, in pixels. cell: side of a cell of the grid, in pixels.
    """

    def __init__(self, scales: Sequence[float], cell: int) -> None:
        super().__init__()
        self.scales, self.cell = tuple(scales), cell
        for at, scale in enumerate(self.scales):
            for order in range(3):
                self.register_buffer(f"filter_{at}_{order}", _gaussian(scale, order))

    @property
    def width(self) -> int:
        """D."""
        return len(self.scales) * len(ORDERS) + 3

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """pixels [W, 3, S, S] from 0 to 1 -> one map [W, D, S / cell, S / cell]."""
        red, green, blue = pixels.unbind(dim=1)
        grey = (0.299 * red + 0.587 * green + 0.114 * blue).unsqueeze(1)
        middle = _median(grey.flatten(1)).clamp_min(1 / 255).view(-1, 1, 1, 1)
        grey = grey / middle - 1
        found = [
            functional.avg_pool2d(self._derived(grey, at, down, across).abs(), self.cell)
            for at in range(len(self.scales))
            for down, across in ORDERS
        ]
        shades = torch.stack([red - green, blue - green], dim=1) / middle
        found += [functional.avg_pool2d(grey, self.cell), functional.avg_pool2d(shades, self.cell)]
        return [torch.cat(found, dim=1)]

    def _derived(self, grey: Tensor, at: int, down: int, across: int) -> Tensor:
        column, row = (getattr(self, f"filter_{at}_{order}") for order in (down, across))
        around = len(row) // 2
        wide = functional.pad(grey, (around,) * 4, mode="reflect")
        tall = functional.conv2d(wide, column.view(1, 1, -1, 1))
        return functional.conv2d(tall, row.view(1, 1, 1, -1)) * self.scales[at] ** (down + across)


class FilterEncoder(PictureEncoder):
    """The cells as patches, and of a whole picture the mean, the spread and the largest of each feature over its cells:
    a small defect is lost in a mean."""

    def of_frames(self, found: Tensor | Sequence[Tensor], averaged: Callable[[Tensor], Tensor]) -> Features:
        """Maps of frames -> pooled [B, 3 D], tokens [B, H, W, D]."""
        tokens = super().of_frames(found, averaged).tokens
        assert tokens is not None
        cells = tokens.flatten(1, 2)
        return Features(torch.cat([cells.mean(dim=1), cells.std(dim=1), cells.amax(dim=1)], dim=1), tokens)


def _gaussian(scale: float, order: int) -> Tensor:
    """A Gaussian of that standard deviation, or its first or second derivative."""
    reach = int(REACH * scale + 0.5)
    x = torch.arange(-reach, reach + 1, dtype=torch.float64)
    bell = torch.exp(-0.5 * (x / scale) ** 2)
    bell = bell / bell.sum()
    by_order = (bell, -x / scale**2 * bell, (x**2 / scale**4 - 1 / scale**2) * bell)
    return by_order[order].float()


class FilterSource:
    """`vertikit.contracts.BackboneSource` for the bank."""

    def __init__(self, framing: Framing, scales: Sequence[float], cell: int) -> None:
        self._framing, self._scales, self._cell = framing, tuple(scales), cell

    def info(self) -> BackboneInfo:
        bank = FilterBank(self._scales, self._cell)
        return BackboneInfo(
            name="filter-bank",
            source="designed",
            modality="image",
            pretrained=False,
            licence="none: it has no weights",
            languages=(),
            parameters=0,
            width=3 * bank.width,
            max_length=self._framing.size,
            layers=0,
            adapter_targets=(),
            sha256="",
        )

    def build(self) -> PictureBackbone:
        bank = FilterBank(self._scales, self._cell)
        module = FilterEncoder(bank, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        return PictureBackbone(self.info(), module.eval(), self._framing, [bank], (self._scales, self._cell))


def source(
    *, size: int = 128, scales: list[float] | None = None, cell: int = 4, fit: Fit = "squash"
) -> FilterSource:
    """A bank of filters, which need no weights.

    Args:
        size: side of the square that it takes, in pixels, a multiple of the cell.
        scales: standard deviations of its Gaussians, in pixels; null: 1, 2 and 4.
        cell: side of a place that has features of its own, in pixels.
        fit: squash changes proportions and keeps the edges; crop keeps the middle square; pad adds black.
    """
    chosen = [1.0, 2.0, 4.0] if scales is None else scales
    if cell < 1 or size % cell or not 16 <= size <= 2048:
        raise UsageError(
            f"backbone: a side of {size} in cells of {cell} is no grid.",
            "Take a side from 16 to 2048 that is a multiple of the cell.",
        )
    if not chosen or min(chosen) < 0.3 or REACH * max(chosen) >= size - 1:
        raise UsageError(
            f"backbone.scales: {chosen} do not fit a side of {size}.",
            "Take numbers from 0.3 to an eighth of it.",
        )
    return FilterSource(Framing(size, fit, Augmentation({})), chosen, cell)
