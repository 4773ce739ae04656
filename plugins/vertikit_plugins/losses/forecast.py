"""Losses of forecasts: raw outputs as `vertikit_plugins.heads.forecast` gives them beside the steps [B, H], NaN where
they are missing. Errors count in deviations of each series, so that large series do not drown small ones."""

from __future__ import annotations

import torch
from torch import Tensor

from vertikit.contracts import Loss


def pinball() -> Loss:
    """The quantile loss, averaged over steps and levels (Koenker and Bassett 1978, Econometrica 46:33-50)."""

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        off, levels, known = _errors(raw, target)
        each = torch.maximum(levels * off, (levels - 1) * off)
        return _mean(2 * each.mean(dim=2), known)

    return loss


def steps_mse() -> Loss:
    """Squared error of the median, averaged over steps."""

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        off, levels, known = _errors(raw, target)
        return _mean(_middle(off, levels) ** 2, known)

    return loss


def steps_mae() -> Loss:
    """Absolute error of the median, averaged over steps."""

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        off, levels, known = _errors(raw, target)
        return _mean(_middle(off, levels).abs(), known)

    return loss


def _errors(raw: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(truth less quantile [B, H, Q] in deviations of the series, levels [B, 1, Q], whether [B, H] steps are known)."""
    if target.dim() != 2 or (raw.shape[1] - 3) % (target.shape[1] + 1):
        raise ValueError(f"outputs {tuple(raw.shape)} do not fit steps {tuple(target.shape)}")
    count = (raw.shape[1] - 3) // (target.shape[1] + 1)
    size = target.shape[1] * count
    location, scale, unit = (raw[:, size + at : size + at + 1] for at in range(3))
    known = torch.isfinite(target)
    wanted = (torch.where(known, target, location.to(target.dtype)).to(raw.dtype) - location) / scale
    off = (wanted[:, :, None] - raw[:, :size].view(len(raw), -1, count)) * (scale / unit)[:, :, None]
    return torch.where(known[:, :, None], off, torch.zeros_like(off)), raw[:, None, size + 3 :], known


def _middle(off: Tensor, levels: Tensor) -> Tensor:
    at = int((levels[0, 0] - 0.5).abs().argmin())
    return off[:, :, at]


def _mean(each: Tensor, known: Tensor) -> Tensor:
    return each.sum(dim=1) / known.sum(dim=1).clamp(min=1)
