"""What a series did a season before each step to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.windows import Windows

DAY = 86_400.0
DAYS_OF_WEEK = 7


def usual_lags(season: int, step: float) -> tuple[int, ...]:
    """A season; where that is a day, a week as well."""
    lags = [season] if season > 1 else []
    if season > 1 and step and abs(step * season - DAY) < 1:
        lags.append(DAYS_OF_WEEK * season)
    return tuple(lags)


def lagged(
    windows: Windows, indices: NDArray[np.int64], column: NDArray[np.float64], lag: int
) -> NDArray[np.float64]:
    """[B, H] for each step to come, the reading one lag before it, or as many lags as it takes to be known by then; NaN
    where there is none.

    `column` [M] are the readings of the target.
    """
    ahead = windows.ahead
    assert ahead is not None
    steps = np.arange(ahead.horizon)
    back = lag * (steps // lag + 1)
    at = windows.stop[indices][:, None] + steps - back
    there = at >= ahead.begin[indices][:, None]
    return np.where(there, column[np.maximum(at, 0)], np.nan)
