"""A window of sensors as stretches of readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column
from vertikit.explain.parts.part import Part

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.windows import Windows

STRETCHES = 10
"""That a window is cut into, at most."""


def sensor_means(windows: Windows) -> dict[str, float]:
    """The mean of each sensor over the readings that these windows hold, 0 where there are none."""
    covered = windows.touched(ahead=False)
    found = {}
    for place, name in enumerate(windows.names):
        readings = np.asarray(windows.readings[:, place])[covered]
        readings = readings[np.isfinite(readings)]
        found[name] = float(readings.mean()) if len(readings) else 0.0
    return found


class Readings:
    """Stretches of each sensor in one example's window. One is taken away by giving all of it the sensor's mean.

    `readings` [L, C] are the window's own, of the sensors `names`.
    """

    called = "stretches of readings"

    def __init__(
        self, columns: Sequence[Column], example: Examples, means: Mapping[str, float], most: int
    ) -> None:
        assert example.windows is not None
        self._windows = example.windows
        self.names = self._windows.names
        start, stop = int(self._windows.start[0]), int(self._windows.stop[0])
        self.readings = np.array(self._windows.readings[start:stop], np.float64)
        self._means = means
        length = stop - start
        count = max(1, min(STRETCHES, most // max(len(columns), 1), length))
        ends = np.linspace(0, length, count + 1).round().astype(int)
        self.parts = [
            Part(column.name, f"readings {first}-{last - 1}", "", column.private, int(first), int(last))
            for column in columns
            for first, last in pairwise(ends)
            if last > first
        ]

    def without(self, copies: Examples, kept: NDArray[np.bool_]) -> Examples:
        count, length = len(kept), len(self.readings)
        readings = np.tile(self.readings, (count, 1)).reshape(count, length, -1)
        for at, part in enumerate(self.parts):
            place = self._windows.names.index(part.column)
            readings[~kept[:, at], part.start : part.stop, place] = self._means[part.column]
        start = np.arange(count, dtype=np.int64) * length
        windows = replace(
            self._windows, readings=readings.reshape(count * length, -1), start=start, stop=start + length,
            reach=start + length, rows=None, origin=start,
            times=None if self._windows.times is None else np.repeat(self._windows.times[:1], count, axis=0),
        )  # fmt: skip
        return replace(copies, windows=windows)
