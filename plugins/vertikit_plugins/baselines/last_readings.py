"""Forecasts that anybody can make: the last reading, its trend, the last season (Hyndman and Athanasopoulos 2021,
Forecasting: Principles and Practice, section 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit_plugins.baselines.past_forecast import PastForecast, history
from vertikit_plugins.forecasting.lags import lagged, usual_lags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.windows import Windows


class RepeatLast(PastForecast):
    """The last reading, at every step."""

    def points(self, windows: Windows) -> NDArray[np.float64]:
        return np.repeat(history(windows, _context(windows))[:, -1:], _horizon(windows), axis=1)


class Drift(PastForecast):
    """The line through the first and the last reading of the context, carried on."""

    def points(self, windows: Windows) -> NDArray[np.float64]:
        own = history(windows, _context(windows))
        slope = (own[:, -1] - own[:, 0]) / max(own.shape[1] - 1, 1)
        return np.asarray(own[:, -1:] + slope[:, None] * np.arange(1, _horizon(windows) + 1))


class SeasonalNaive(PastForecast):
    """What was one season before each step; the last reading where a series has no season before it, or a gap there."""

    def lag(self, windows: Windows) -> int:
        """Steps back."""
        assert windows.ahead is not None
        return windows.ahead.season

    def points(self, windows: Windows) -> NDArray[np.float64]:
        assert windows.ahead is not None
        column = np.asarray(windows.readings[:, windows.names.index(windows.ahead.target)])
        every = np.arange(len(windows))
        found = lagged(windows, every, column, self.lag(windows))
        for lag in (windows.ahead.season, 2 * self.lag(windows)):
            found = np.where(np.isfinite(found), found, lagged(windows, every, column, lag))
        last = history(windows, _context(windows))[:, -1:]
        return np.asarray(np.where(np.isfinite(found), found, last))


class WeeklyNaive(SeasonalNaive):
    """What was a week before each step, where a season is a day; else one season before."""

    def lag(self, windows: Windows) -> int:
        assert windows.ahead is not None
        return max(usual_lags(windows.ahead.season, windows.ahead.step), default=windows.ahead.season)


def _context(windows: Windows) -> int:
    return int(windows.lengths.max(initial=2))


def _horizon(windows: Windows) -> int:
    assert windows.ahead is not None
    return windows.ahead.horizon
