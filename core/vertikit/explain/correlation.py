"""Whether what changed more also mattered more: rank correlations over the blocks of an encoder."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.evaluate.measuring import interval
from vertikit.explain.weights import FEWEST

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

EXACT = 7
"""Blocks up to which all orders are tried."""
ORDERS, RESAMPLES = 10_000, 2000


def spearman(one: ArrayLike, two: ArrayLike) -> float:
    """Spearman's rank correlation of [K] and [K], ties by their mean rank; NaN where one of the two is constant."""
    return float(_each(np.atleast_2d(np.asarray(one, float)), np.atleast_2d(np.asarray(two, float)))[0])


def _each(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """[R] of the lines of two tables [R, K]."""
    from scipy.stats import rankdata

    ranks = [rankdata(each, axis=1) for each in (one, two)]
    ranks = [each - each.mean(axis=1, keepdims=True) for each in ranks]
    size = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    found = (ranks[0] * ranks[1]).sum(axis=1)
    return np.asarray(np.where(size > 0, found / np.where(size > 0, size, 1.0), np.nan))


def rank_correlation(one: Sequence[float], two: Sequence[float], seed: int) -> dict[str, Any]:
    """{"value", "ci95", "p", "blocks"}: Spearman's, its percentile interval over resamples of blocks, and how often a
    random order of `two` gives one as far from 0 (all orders where the blocks are few).

    Without a value, "why" says the reason.
    """
    count = len(one)
    if count < FEWEST:
        return {"value": None, "blocks": count, "why": f"{count} blocks changed, and {FEWEST} are needed"}
    value = spearman(one, two)
    if not math.isfinite(value):
        return {"value": None, "blocks": count, "why": "all blocks are alike in it"}
    first, second = np.asarray(one, np.float64), np.asarray(two, np.float64)
    random = np.random.default_rng(seed)
    if count <= EXACT:
        orders = np.array(list(itertools.permutations(range(count))))
    else:
        orders = np.array([np.arange(count), *(random.permutation(count) for _ in range(ORDERS))])
    drawn = _each(np.tile(first, (len(orders), 1)), second[orders])
    found: dict[str, Any] = {
        "value": value,
        "p": float((np.abs(drawn) >= abs(value) - 1e-12).mean()),
        "blocks": count,
    }
    between = interval(_resampled(first, second, random), value)
    return found if between is None else {**found, "ci95": between}


def lead(one: Sequence[float], other: Sequence[float], lost: Sequence[float], seed: int) -> dict[str, Any]:
    """How much better the ranks of `one` follow those of `lost` than the ranks of `other` do: {"value", "ci95"}, on the
    same resamples of blocks; without a value, "why"."""
    count = len(lost)
    value = spearman(one, lost) - spearman(other, lost) if count >= FEWEST else math.nan
    if not math.isfinite(value):
        return {"value": None, "why": f"{count} blocks say too little"}
    seeds = [np.random.default_rng(seed) for _ in range(2)]
    sides = [
        _resampled(np.asarray(each, np.float64), np.asarray(lost, np.float64), random)
        for each, random in zip((one, other), seeds, strict=True)
    ]
    between = interval(sides[0] - sides[1], value)
    return {"value": value} if between is None else {"value": value, "ci95": between}


def _resampled(
    one: NDArray[np.float64], two: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Spearman's over blocks drawn with replacement; NaN of a draw that is of one block alone."""
    rows = random.integers(0, len(one), (RESAMPLES, len(one)))
    return _each(one[rows], two[rows])
