"""Rows of one patient, card or machine are alike: how many independent rows they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.evaluate.resampling import group_codes

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Clusters:
    """How alike the rows of a group are, and how many a group has.

    Args:
        alike: the intraclass correlation, 0 (no more than any rows) to 1 (all the same).
        size: rows of the group that a row is in, on average.
    """

    alike: float = 0.0
    size: float = 1.0

    def worth(self, rows: int) -> float:
        """As how many independent rows so many count: n / (1 + (size - 1) alike) (Kish 1965, Survey Sampling)."""
        size = min(self.size, float(max(rows, 1)))
        return rows / (1 + (size - 1) * self.alike)


def clusters(
    values: NDArray[np.int64], groups: NDArray[np.object_] | None, *, ordered: bool, fallback: Clusters
) -> Clusters:
    """Of cells [N], numbers of bins that have an order or of kinds that have none.

    The intraclass correlation is that of a one-way analysis of variance, of kinds over the indicators of all (the mean
    design effect of Rao and Scott 1984, Annals of Statistics 12:46-60). Where groups are not known, or
    there is one, it is the `fallback`'s.
    """
    if groups is None or not len(values):
        return fallback
    codes = group_codes(groups)
    counts = np.bincount(codes).astype(np.float64)
    counts = counts[counts > 0]
    rows, units = counts.sum(), len(counts)
    size = float((counts**2).sum() / rows)
    if units == rows:
        return Clusters()
    if units < 2:
        return Clusters(fallback.alike or 1.0, size)
    _, codes = np.unique(codes, return_inverse=True)
    between = within = 0.0
    for one in [values.astype(np.float64)] if ordered else _indicators(values):
        mean = np.bincount(codes, one) / counts
        apart = float((counts * (mean - one.mean()) ** 2).sum())
        between += apart / (units - 1)
        within += (float(((one - one.mean()) ** 2).sum()) - apart) / max(rows - units, 1)
    usual = (rows - (counts**2).sum() / rows) / (units - 1)
    total = between + (usual - 1) * within
    return Clusters(float(np.clip((between - within) / total, 0, 1)) if total > 0 else 0.0, size)


def _indicators(values: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    return [(values == each).astype(np.float64) for each in np.unique(values)]
