"""What the best of several scores on the same rows is worth on others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertikit.evaluate.measuring import take
from vertikit.evaluate.resampling import resampled_rows

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.contracts import Metric, MetricContext

DRAWS = 200
"""Draws of rows by which what is promised is corrected."""


def expected(
    metric: Metric,
    context: MetricContext,
    frames: Sequence[pd.DataFrame],
    groups: NDArray[np.object_] | None,
) -> float | None:
    """What the choice of the best is worth on rows that had no say in it: the mean, over draws of the rows [n] that all
    frames are of, of the score on the others of whichever is best on those drawn (bootstrap bias correction,
    Tsamardinos, Greasidou and Borboudakis 2018, doi:10.1007/s10994-018-5714-4). None for fewer than two frames, or
    where it is not defined."""
    if len(frames) < 2:
        return None
    count, found = len(frames[0]), []
    sign = 1 if metric.higher_is_better else -1

    def score(frame: pd.DataFrame, rows: NDArray[np.int64]) -> float:
        try:
            value = metric.compute(take(frame, rows), context)
        except ValueError:
            return math.nan
        return float(value) if isinstance(value, (int, float)) else math.nan

    for rows in resampled_rows(count, groups, resamples=DRAWS, seed=0):
        others = np.setdiff1d(np.arange(count), rows)
        inside = np.array([sign * score(frame, rows) for frame in frames])
        if len(others) and not np.isnan(inside).all():
            found.append(score(frames[int(np.nanargmax(inside))], others))
    told = np.array([value for value in found if math.isfinite(value)])
    return float(told.mean()) if len(told) >= DRAWS // 2 else None
