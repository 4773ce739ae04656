"""The population stability index: how far shares have moved, and how far they would by chance alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODERATE, LARGE = 0.1, 0.25
"""Bands that banks use: below the first a population counts as stable, from the second on as another one (Siddiqi 2006,
Credit Risk Scorecards)."""
CELLS = 10
"""Bins of a number, about equally full in training: the bands are meant for as many."""


def stability(then: NDArray[np.int64], now: NDArray[np.int64]) -> float:
    """PSI of counts [C]: the sum of (q - p) ln(q / p) over the shares p and q of each cell.

    Half a row is added to every cell, so that an empty one gives a number (Jeffreys's prior).
    """
    before, after = (np.asarray(each, np.float64) + 0.5 for each in (then, now))
    p, q = before / before.sum(), after / after.sum()
    return float(((q - p) * np.log(q / p)).sum())


def by_chance(cells: int, then: float, now: float) -> float:
    """The PSI that is to be expected of `then` and `now` independent rows where nothing has moved.

    PSI / (1/n + 1/m) is then about chi-square with cells - 1 degrees of freedom (Yurdakul and Naranjo 2020,
    Statistical properties of the population stability index, Journal of Risk Model Validation 14(4)).
    """
    return max(0, cells - 1) * (1 / max(then, 1.0) + 1 / max(now, 1.0))


def coarse(counts: NDArray[np.int64], cells: int = CELLS) -> NDArray[np.int64]:
    """[F] which of at most `cells` about equally full bins each of F neighbouring bins goes to."""
    total = counts.sum()
    if not total or len(counts) <= cells:
        return np.arange(len(counts))
    # The middle of a bin decides, so that one which holds most of all values has a cell of its own.
    middle = (np.cumsum(counts) - counts / 2) / total
    place = np.minimum((middle * cells).astype(np.int64), cells - 1)
    return np.asarray(np.unique(place, return_inverse=True)[1], np.int64)
