"""The steps to come: quantiles that never cross, or one number a step.

Raw outputs [B, H x Q + 3 + Q] tell all that a loss and an answer need: the quantiles step by step on the window's own
scale; the location and scale of the window and the deviation of its series; and the levels of the quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Features, State
from vertikit.outcome.forecast import Forecast
from vertikit_plugins.backbones.forecast_modules import STEP_WIDTH

SCALE = 3
"""Location, scale and deviation; what follows these in the scale of features are what steps are foretold from."""
START = -2.0
"""Where the distances between quantiles begin, before softplus: about an eighth of a deviation each."""


class _Steps(nn.Module):
    """Features -> raw outputs: a dense layer over the past, and one over each step to come beside it."""

    def __init__(self, width: int, forecast: Forecast, levels: Sequence[float], dropout: float) -> None:
        super().__init__()
        self._forecast, self._levels = forecast, tuple(levels)
        self.horizon, self.middle = forecast.horizon, self._levels.index(0.5)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, self.horizon * len(self._levels))
        self.step = nn.Linear(STEP_WIDTH, len(self._levels))
        for layer in (self.dense, self.step):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def fit(self, pooled: Tensor) -> None:
        """Windows are on their own scale: nothing is learnt of features."""

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, H x Q + 3 + Q]."""
        pooled = self.dropout(features.pooled)
        count = len(self._levels)
        found = self.dense(pooled).view(len(pooled), self.horizon, count)
        if features.tokens is not None:
            found = found + self.step(features.tokens)
        scale = features.scale
        if scale is None:
            scale = pooled.new_tensor([0.0, 1.0, 1.0]).expand(len(pooled), 3)
        levels = pooled.new_tensor(self._levels).expand(len(pooled), count)
        found = self._rising(found)
        if scale.shape[1] > SCALE:
            found = found + scale[:, SCALE:, None]
        return torch.cat([found.flatten(1), scale[:, :SCALE], levels], dim=1)

    def _rising(self, found: Tensor) -> Tensor:
        """[B, H, Q] the middle as it is; above and below it, distances that are never negative."""
        if found.shape[2] == 1:
            return found
        middle = found[:, :, self.middle : self.middle + 1]
        above = functional.softplus(found[:, :, self.middle + 1 :] + START).cumsum(dim=2)
        below = functional.softplus(found[:, :, : self.middle] + START).flip(2).cumsum(dim=2).flip(2)
        return torch.cat([middle - below, middle, middle + above], dim=2)

    def merged(self, raw: Tensor) -> Tensor:
        """Of members [B, M, K], the means."""
        return raw.mean(dim=1)

    def encode(self, values: Sequence[NDArray[np.float64]]) -> Tensor:
        """Steps [N, H] in the target's own unit, float32, NaN where they are missing."""
        if not len(values):
            return torch.empty(0, self.horizon)
        return torch.from_numpy(np.stack([np.asarray(each, np.float32) for each in values]))

    def _unscaled(self, raw: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(quantiles [N, H x Q] in the target's unit, deviations [N, 1] of the series)."""
        size = self.horizon * len(self._levels)
        if raw.shape[1] < size + 3:
            return np.empty((len(raw), size)), np.ones((len(raw), 1))
        location, scale, unit = (raw[:, [size + at]] for at in range(3))
        return raw[:, :size] * scale + location, unit


class QuantileHead(_Steps):
    """Quantiles of each step at the levels of the target, in order by construction: the middle one, and from it outward
    the running sums of what softplus makes positive (as in Gasthaus et al. 2019, AISTATS, for splines).

    Args:
        width: D, of the features.
        forecast: horizon and levels.
        dropout: share of features set to zero in training.
    """

    def __init__(self, width: int, forecast: Forecast, *, dropout: float = 0.0) -> None:
        if len(forecast.levels) < 3:
            raise UsageError("head 'quantiles' needs levels beside 0.5.", "Take --set head=point-forecast")
        super().__init__(width, forecast, forecast.levels, dropout)

    def forecasts(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, H x Q]."""
        return self._unscaled(raw)[0]


class PointHead(_Steps):
    """One number a step; quantiles come from the errors on validation rows.

    Args:
        width: D, of the features.
        forecast: horizon.
        dropout: share of features set to zero in training.
    """

    def __init__(self, width: int, forecast: Forecast, *, dropout: float = 0.0) -> None:
        super().__init__(width, forecast, (0.5,), dropout)

    def forecasts(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, H + 1]: the steps, and the deviation of the series; [N, H] where the target asks for no quantiles."""
        found, unit = self._unscaled(raw)
        return found if len(self._forecast.levels) == 1 else np.column_stack([found, unit])


class ZeroShotHead(_Steps):
    """The features as they are: what a pretrained forecaster foretells, which nothing here has taught.

    Args:
        width: D, of the features: steps times levels.
        forecast: horizon and levels.
    """

    reads: Literal["pooled", "tokens"] = "pooled"

    def __init__(self, width: int, forecast: Forecast) -> None:
        if width != forecast.horizon * len(forecast.levels):
            raise UsageError(
                f"head 'zero-shot' takes {forecast.horizon} steps at {len(forecast.levels)} levels as they are, and "
                f"the backbone gives {width} features.",
                "Take a pretrained forecaster with the target's levels, or --set head=quantiles",
            )
        super().__init__(1, forecast, forecast.levels, 0.0)

    def begin(self, rows: int) -> None:
        """Nothing to forget."""

    def learn(self, features: Features, target: Tensor) -> None:
        """Nothing to learn."""

    def finish(self) -> None:
        """Nothing to end."""

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, H x Q + 3 + Q]."""
        pooled = features.pooled.view(len(features.pooled), self.horizon, -1).sort(dim=2).values.flatten(1)
        levels = pooled.new_tensor(self._levels).expand(len(pooled), -1)
        scale = features.scale
        if scale is None:
            scale = pooled.new_tensor([0.0, 1.0, 1.0]).expand(len(pooled), 3)
        return torch.cat([pooled, scale, levels], dim=1)

    def forecasts(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, H x Q]."""
        return self._unscaled(raw)[0]

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""
