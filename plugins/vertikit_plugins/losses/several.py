"""Losses of several findings at once, some of which are not known."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Loss


def bce_holes(*, gamma: float = 0.0) -> Loss:
    """Binary cross-entropy of each finding that is known, the mean over these; what is not known teaches nothing.

    Args:
        gamma: how much easy findings are weighed down (Lin et al. 2017, arXiv:1708.02002), 0 for not at all.
    """
    if gamma < 0:
        raise UsageError(f"loss.gamma: {gamma:g} is below 0.", "Try 0, or 2.")

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        known = torch.isfinite(target)
        each = functional.binary_cross_entropy_with_logits(raw, torch.nan_to_num(target), reduction="none")
        if gamma:
            each = (1 - torch.exp(-each)) ** gamma * each
        return (each * known).sum(dim=-1) / known.sum(dim=-1).clamp(min=1)

    return loss
