"""Exponential smoothing with an additive season (Winters 1960, Management Science 6:324-342), without a trend."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from vertikit_plugins.baselines.past_forecast import PastForecast, history

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.windows import Windows

ALPHAS = (0.05, 0.2, 0.5, 0.9)
GAMMAS = (0.05, 0.2, 0.5)
SEASONS = 8
"""That are read back from the origin, where the series is so long; without a season, so many times ten steps."""
TRIED = 500
"""Training examples that the two factors are chosen by."""


class ExponentialSmoothing(PastForecast):
    """A level and a season that follow the readings, each by a factor; the two are chosen by the absolute error of
    forecasts in training, one pair for all series."""

    def chosen(self, windows: Windows, truth: NDArray[np.float64]) -> dict[str, float]:
        some = np.unique(np.linspace(0, len(truth) - 1, min(TRIED, len(truth))).round().astype(np.int64))
        few, wanted = windows.take(some), truth[some]
        assert windows.ahead is not None
        gammas = GAMMAS if windows.ahead.season > 1 else GAMMAS[:1]
        alpha, gamma = min(
            product(ALPHAS, gammas),
            key=lambda pair: float(np.nanmean(np.abs(self._smoothed(few, *pair) - wanted))),
        )
        return {"alpha": alpha, "gamma": gamma}

    def points(self, windows: Windows) -> NDArray[np.float64]:
        return self._smoothed(windows, self.settings["alpha"], self.settings["gamma"])

    def _smoothed(self, windows: Windows, alpha: float, gamma: float) -> NDArray[np.float64]:
        """[N, H]."""
        ahead = windows.ahead
        assert ahead is not None
        season = ahead.season
        own = history(windows, SEASONS * (season if season > 1 else 10))
        first = own[:, : 2 * season].reshape(len(own), -1, season)
        level = first.mean(axis=(1, 2))
        course = first.mean(axis=1) - level[:, None] if season > 1 else np.zeros((len(own), 1))
        for at in range(own.shape[1]):
            place = at % season
            before = course[:, place].copy() if season > 1 else 0.0
            raised = alpha * (own[:, at] - before) + (1 - alpha) * level
            if season > 1:
                course[:, place] = gamma * (own[:, at] - raised) + (1 - gamma) * before
            level = raised
        places = (own.shape[1] + np.arange(ahead.horizon)) % season
        return np.asarray(level[:, None] + course[:, places])
