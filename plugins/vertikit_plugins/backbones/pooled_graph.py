"""The graph of a network that gives pooled features and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from vertikit.contracts import Features


def pooled(found: Features) -> tuple[Tensor, ...]:
    """Features as tensors."""
    return (found.pooled,)


def of_pooled(tensors: Sequence[Tensor]) -> Features:
    """The same, back."""
    return Features(pooled=tensors[0])
