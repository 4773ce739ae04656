"""Whether two samples may be of one population, and p-values that stand up where many are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 5.0
"""Expected rows of a cell; cells with fewer are pooled (Cochran 1954, Biometrics 10:417-451)."""


def kolmogorov_smirnov(
    then: NDArray[np.int64], now: NDArray[np.int64], worth_then: float, worth_now: float
) -> tuple[float, float]:
    """(largest distance of two distributions, p) of counts [C] in neighbouring bins, each side worth so many
    independent rows.

    At the edges of bins the distance is at most that of the values themselves, so p errs upwards. p is the limit
    law's with Stephens's correction for small samples (1970, Journal of the Royal Statistical Society B 32:115-122).
    """
    from scipy.stats import kstwobign

    apart = float(np.abs(np.cumsum(then) / then.sum() - np.cumsum(now) / now.sum()).max())
    root = float(np.sqrt(worth_then * worth_now / (worth_then + worth_now)))
    return apart, float(kstwobign.sf((root + 0.12 + 0.11 / root) * apart))


def chi_square(
    then: NDArray[np.int64], now: NDArray[np.int64], worth_then: float, worth_now: float
) -> tuple[float, float]:
    """(statistic, p) of Pearson's test on counts [C] of two samples, each worth so many independent rows.

    Cells with few expected rows are pooled; where two are left, and few rows, the test is Fisher's exact one.
    """
    from scipy.stats import chi2

    table = np.stack([then * (worth_then / then.sum()), now * (worth_now / now.sum())])
    table = _pooled(table[:, table.sum(axis=0) > 0])
    if table.shape[1] < 2:
        return 0.0, 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    if table.shape[1] == 2 and expected.min() < FEWEST:
        (one, other), (third, fourth) = np.rint(table).astype(int).tolist()
        return statistic, share_test(one, one + other, third, third + fourth)
    return statistic, float(chi2.sf(statistic, table.shape[1] - 1))


def share_test(then: int, of_then: int, now: int, of_now: int, *, only_rise: bool = False) -> float:
    """p that two shares are one (Fisher's exact test), or with `only_rise` that the second is no higher."""
    from scipy.stats import hypergeom

    every, hits = of_then + of_now, then + now
    law = hypergeom(every, hits, of_now)
    rise = float(law.sf(now - 1))
    if only_rise:
        return min(1.0, rise)
    # Twice the smaller tail, never less than the exact two-sided test by likelihood.
    return min(1.0, 2 * min(rise, float(law.cdf(now))))


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted so that the chance of any false alarm among all is bounded, however they hang together
    (Holm 1979, Scandinavian Journal of Statistics 6:65-70)."""
    found = np.asarray(p, np.float64)
    order = np.argsort(found, kind="stable")
    steps = found[order] * np.arange(len(found), 0, -1)
    adjusted = np.empty(len(found))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(found) else steps
    return [float(each) for each in adjusted]


def _pooled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns of [2, C], those with few expected rows put together, the smallest first."""
    table = table[:, np.argsort(table.sum(axis=0))]
    share = float(table.sum(axis=1).min() / table.sum()) if table.size else 0.0
    while table.shape[1] > 2 and table[:, 0].sum() * share < FEWEST:
        merged = table[:, :1] + table[:, 1:2]
        table = np.concatenate([merged, table[:, 2:]], axis=1)
        table = table[:, np.argsort(table.sum(axis=0))]
    return table
