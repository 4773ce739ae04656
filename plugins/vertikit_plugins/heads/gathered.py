"""Heads that learn from all rows at once, in memory: what they share."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit_plugins.logistic import GRID, Logistic, chosen_c


class Gathered(nn.Module):
    """Pooled features of the rows that are learnt from, kept in memory until the last batch.

    Args:
        width: D, of the features.
        labels: K classes or findings, in the order of the outputs.
        c: of the penalty 1 / c; null: that of 0.0001 to 1 with the least log loss in three parts of the training rows.
        balanced: whether a rare class counts as much as a frequent one.
        most_rows: of training, drawn at random, that it learns from.
    """

    reads: Literal["pooled", "tokens"] = "pooled"

    def __init__(
        self,
        width: int,
        labels: tuple[str, ...],
        *,
        c: float | None = None,
        balanced: bool = False,
        most_rows: int = 50_000,
    ) -> None:
        super().__init__()
        if c is not None and not 0 < c <= 1e6:
            raise UsageError(f"head.c: {c} is no strength.", "Try 0.01, or null to have it chosen.")
        if most_rows < 1:
            raise UsageError(f"head.most_rows: {most_rows} rows teach nothing.", "Try 50000.")
        del width  # is that of what comes
        self.labels, self.c, self.balanced, self.most_rows = labels, c, balanced, most_rows
        self._seen: list[tuple[NDArray[np.float32], NDArray[Any]]] = []

    def begin(self, rows: int) -> None:
        del rows
        self._seen = []

    def learn(self, features: Features, target: Tensor) -> None:
        """Batches come in random order, so that the first of them are a random sample."""
        room = self.most_rows - sum(len(own) for _, own in self._seen)
        if room > 0:
            pooled = features.pooled.detach().float().cpu().numpy()
            self._seen.append((pooled[:room], target.cpu().numpy()[:room]))

    def gathered(self) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Features [N, D] and targets [N, ...], in an order of their own: equal rows in other batches give equal
        weights. They are kept no longer."""
        table = np.concatenate([pooled for pooled, _ in self._seen])
        targets = np.concatenate([own for _, own in self._seen])
        self._seen = []
        order = np.lexsort(table.T[:8])
        return table[order], targets[order]

    def solved(self, table: NDArray[np.float32], classes: NDArray[np.str_]) -> Logistic:
        """A regression that has learnt from rows of at least two classes."""
        c = self.c or chosen_c(GRID, table, classes, table[:0], classes[:0], seed=0, balanced=self.balanced)
        return Logistic().learn(table, classes, c, balanced=self.balanced)

    def merged(self, raw: Tensor) -> Tensor:
        """The mean over members [B, M, K]."""
        return raw.mean(dim=1)
