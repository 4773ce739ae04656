"""Losses of a number: raw [B, 1] beside the target [B], both in the head's own unit."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Loss


def mse() -> Loss:
    """Squared error."""

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        return (_one(raw) - target.to(raw.dtype)) ** 2

    return loss


def huber(*, delta: float = 1.0) -> Loss:
    """Squared error up to `delta`, growing in a straight line beyond (Huber 1964, Annals of Math. Statistics 35).

    Args:
        delta: where the straight line begins, in the head's unit: standard deviations, or shares of a bounded scale.
    """
    if delta <= 0:
        raise UsageError(f"loss.delta: {delta} is not above 0.", "Try 1.")

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        return functional.huber_loss(_one(raw), target.to(raw.dtype), reduction="none", delta=delta)

    return loss


def _one(raw: Tensor) -> Tensor:
    if raw.shape[-1] != 1:
        raise ValueError(f"{raw.shape[-1]} outputs are no number")
    return raw[..., 0]
