"""Windows of series as forecasters take them: on their own scale, with what is known of the steps to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vertikit.adapt.series_values import SeriesValues
from vertikit_plugins.forecasting.lags import lagged
from vertikit_plugins.forecasting.normalising import Normalise, filled, scales

if TYPE_CHECKING:
    from vertikit.examples import Indices

READINGS_A_TOKEN = 16
"""Readings that weigh as much in a batch as a token of text does."""
CLIP = 20.0
"""Standardised readings beyond this are a slip of a meter, and are cut off in what is read."""


class ForecastItems:
    """Origins of forecasts as `vertikit.contracts.Items`.

    Args:
        names: the target's past first, then the other sensors that are read up to the origin.
        known: sensors that are read for the steps to come.
        centre, spread: name -> of the sensors beside the target, in training.
        means, deviations: series -> of the target, in training.
        lags: of the target that stand beside each step.
        anchored: whether steps are foretold from what was the longest of these before.
    """

    def __init__(
        self,
        values: SeriesValues,
        names: tuple[str, ...],
        known: tuple[str, ...],
        centre: Mapping[str, float],
        spread: Mapping[str, float],
        means: Mapping[str, float],
        deviations: Mapping[str, float],
        lags: tuple[int, ...],
        normalise: Normalise,
        anchored: bool = False,
    ) -> None:
        self._anchored = anchored
        self._windows, self._lags, self._normalise = values.windows, lags, normalise
        ahead = values.windows.ahead
        assert ahead is not None
        self._horizon = ahead.horizon
        readings, place = values.windows.readings, values.windows.names.index
        self._target = np.asarray(readings[:, place(names[0])])
        self._beside = [
            (np.asarray(readings[:, place(each)]), centre[each], spread[each]) for each in names[1:]
        ]
        self._known = [(np.asarray(readings[:, place(each)]), centre[each], spread[each]) for each in known]
        self._means = np.array([means.get(str(each), np.nan) for each in ahead.series])
        self._deviations = np.array([deviations.get(str(each), np.nan) for each in ahead.series])
        count = len(values.windows)
        tokens = -(-values.windows.lengths // READINGS_A_TOKEN)
        self.lengths = np.maximum(1, tokens).astype(np.int64)
        self.windows = np.ones(count, dtype=np.int64)
        self.left_out = np.zeros(count, dtype=np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """readings and known [B, C, L], the target first; lengths [B]; ahead [B, H, A] of what is known of each step;
        scale [B, 3] (see `vertikit_plugins.forecasting.normalising.scales`), or [B, 3 + H] with what the steps are
        foretold from."""
        windows = self._windows
        length = int(windows.lengths[indices].max(initial=1))
        # Windows end at the origin, whatever their length.
        at = windows.stop[indices][:, None] + np.arange(-length, 0)
        inside = at >= windows.start[indices][:, None]
        own = np.where(inside, self._target[np.maximum(at, 0)], np.nan)
        scale = scales(own, self._means[indices], self._deviations[indices], self._normalise)
        location, width = scale[:, :1], scale[:, 1:2]
        there = np.isfinite(own)
        read = [np.where(there.any(axis=1, keepdims=True), (filled(own) - location) / width, 0.0)]
        seen = [there]
        for column, centre, spread in self._beside:
            each = (np.where(inside, column[np.maximum(at, 0)], np.nan) - centre) / spread
            seen.append(np.isfinite(each))
            read.append(np.nan_to_num(each))
        batch = {
            "readings": _tensor(np.clip(np.stack(read, axis=1), -CLIP, CLIP)),
            "known": _tensor(np.stack(seen, axis=1)),
            "lengths": torch.full((len(indices),), length),
            "scale": _tensor(
                np.column_stack([scale, self._anchor(indices, read[0][:, -1:], location, width)])
            ),
        }
        steps = self._steps(indices, location, width)
        if steps:
            batch["ahead"] = _tensor(np.clip(np.stack(steps, axis=2), -CLIP, CLIP))
        return batch

    def _anchor(
        self,
        indices: Indices,
        last: NDArray[np.float64],
        location: NDArray[np.float64],
        width: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """[B, H] what was the longest lag before each step; where that is missing, a shorter one, or the `last` reading
        [B, 1]; [B, 0] where nothing is asked for."""
        if not self._anchored:
            return np.empty((len(indices), 0))
        found = np.full((len(indices), self._horizon), np.nan)
        for lag in sorted(self._lags, reverse=True):
            values = (lagged(self._windows, indices, self._target, lag) - location) / width
            found = np.where(np.isfinite(found), found, values)
        return np.where(np.isfinite(found), found, last)

    def _steps(
        self, indices: Indices, location: NDArray[np.float64], width: NDArray[np.float64]
    ) -> list[NDArray[np.float64]]:
        """[B, H] each: what is known of the steps to come, and what the target did a lag before; with whether it is
        known."""
        stop, reach = self._windows.stop[indices], self._windows.reach[indices]
        at = stop[:, None] + np.arange(self._horizon)
        found = []
        for column, centre, spread in self._known:
            values = np.where(at < reach[:, None], column[np.minimum(at, len(column) - 1)], np.nan)
            found += _with_gaps((values - centre) / spread)
        for lag in self._lags:
            values = lagged(self._windows, indices, self._target, lag)
            found += _with_gaps((values - location) / width)
        return found


def _with_gaps(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The values, 0 where they are missing, and where they are there."""
    there = np.isfinite(values)
    return [np.where(there, values, 0.0), there.astype(np.float64)]


def _tensor(values: NDArray[np.float64] | NDArray[np.bool_]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))
