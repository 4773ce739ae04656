"""Losses of one class out of K."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Loss


def cross_entropy(*, label_smoothing: float = 0.0) -> Loss:
    """Negative log likelihood of the true class.

    Args:
        label_smoothing: share of the truth spread evenly over all classes (Szegedy et al. 2016,
            arXiv:1512.00567), from 0 to below 1.
    """
    if not 0 <= label_smoothing < 1:
        raise UsageError(f"loss.label_smoothing: {label_smoothing} is not from 0 to below 1.", "Try 0.1.")

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        return functional.cross_entropy(raw, target, reduction="none", label_smoothing=label_smoothing)

    return loss


def focal(*, gamma: float = 2.0) -> Loss:
    """Cross-entropy times (1 - p)^gamma, p being the probability of the truth (Lin et al. 2017, arXiv:1708.02002).

    Args:
        gamma: how much easy examples are weighed down, 0 (not at all) and up.
    """
    if gamma < 0:
        raise UsageError(f"loss.gamma: {gamma} is below 0.", "Try 2.")

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        value = functional.cross_entropy(raw, target, reduction="none")
        return (1 - torch.exp(-value)) ** gamma * value

    return loss
