"""How far training moved each block of an encoder, and along how many directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.explain.weights import Encoder


@dataclass(frozen=True)
class Change:
    """What became of a block.

    Args:
        parameters: how many it has.
        norm: ||W - W0|| / ||W0||, the Frobenius norms over all its parameters; None where it started from zero.
        rank: effective rank of the change of its matrices, the mean weighted by the norm of each; None without any.
        full: the rank that such a change could have, weighted alike.
        kept: linear CKA of its outputs before and after; None where no rows were given.
    """

    name: str
    parameters: int
    norm: float | None
    rank: float | None
    full: float | None
    kept: float | None = None

    @property
    def moved(self) -> bool:
        """Whether training changed it at all."""
        return bool(self.norm)


def changes(encoder: Encoder) -> list[Change]:
    """One for each block."""
    after = {name: value.detach() for name, value in encoder.backbone.module.named_parameters()}
    return [
        change(block.name, {name: (encoder.before[name], after[name]) for name in block.weights if name in after})
        for block in encoder.blocks
    ]  # fmt: skip


def change(name: str, weights: Mapping[str, tuple[Tensor, Tensor]]) -> Change:
    """The change of a block of these parameters, before and after."""
    apart = was = 0.0
    ranks: list[tuple[float, float, int]] = []
    for before, after in weights.values():
        first = before.to("cpu", torch.float64)
        moved = after.to("cpu", torch.float64) - first
        size = float(moved.norm())
        apart, was = apart + size**2, was + float(first.norm()) ** 2
        if moved.dim() > 1 and size > 0:
            matrix = moved.flatten(1)
            ranks.append((size, effective_rank(matrix), min(matrix.shape)))
    whole = sum(size for size, _, _ in ranks)
    return Change(
        name,
        sum(each.numel() for each, _ in weights.values()),
        None if not was else (apart / was) ** 0.5,
        None if not whole else sum(size * rank for size, rank, _ in ranks) / whole,
        None if not whole else sum(size * full for size, _, full in ranks) / whole,
    )


def effective_rank(matrix: Tensor) -> float:
    """exp of the entropy of the singular values of [n, m] as shares of their sum, from 1 to min(n, m) (Roy and Vetterli
    2007, The effective rank, EUSIPCO)."""
    # By the smaller of the two products: an embedding of 30,000 tokens has a few hundred singular values.
    squared = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    values = torch.linalg.eigvalsh(squared).clamp(min=0).sqrt()
    shares = values / values.sum()
    shares = shares[shares > 0]
    return float(torch.exp(-(shares * shares.log()).sum()))
