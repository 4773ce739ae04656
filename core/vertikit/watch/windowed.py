"""What is measured of windows of readings: sensor by sensor, their level, their spread and how many are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vertikit.watch.measured import NUMBERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.windows import Windows


def of_windows(windows: Windows, rows: Indices) -> Iterator[Measured]:
    """Measurements of n windows; a sensor without a reading in a window has no level there."""
    shape = (len(windows), len(windows.names))
    level, spread, known = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    for at, (start, stop) in enumerate(zip(windows.start.tolist(), windows.stop.tolist(), strict=True)):
        readings = np.asarray(windows.readings[start:stop])
        there = np.isfinite(readings)
        count = np.maximum(there.sum(axis=0), 1)
        some = there.any(axis=0)
        mean = np.where(there, readings, 0.0).sum(axis=0) / count
        around = np.where(there, readings - mean, 0.0)
        level[at] = np.where(some, mean, np.nan)
        spread[at] = np.where(some, np.sqrt((around**2).sum(axis=0) / count), np.nan)
        known[at] = there.mean(axis=0)
    for place, name in enumerate(windows.names):
        for what, values in (("mean", level), ("spread", spread), ("share known", known)):
            yield Measured(f"{name}: {what}", name, NUMBERS, values[:, place], rows)


def stretches(windows: Windows) -> NDArray[np.object_]:
    """[N] which windows are near in their recording: those that begin in the same ten lengths."""
    length = max(1, int(np.median(windows.lengths))) if len(windows) else 1
    return (windows.start // (10 * length)).astype(str).astype(object)
