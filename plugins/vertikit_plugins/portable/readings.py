"""Windows of sensors, put on the scale of the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIP = 20.0
"""Standard deviations beyond which a reading is as far out as can be."""


def standardised(
    readings: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64], *, own: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Readings [N, C, L] with NaN where there are none -> the same in spreads of their sensors [C], 0 where there are
    none, and 1 where there are; with `own`, each window on its own mean and spread as well."""
    readings = (readings - mean[:, None]) / scale[:, None]
    known = np.isfinite(readings)
    if own:
        count = np.maximum(known.sum(axis=2, keepdims=True), 1)
        filled = np.where(known, readings, 0.0)
        middle = filled.sum(axis=2, keepdims=True) / count
        apart = np.where(known, readings - middle, 0.0)
        spread = np.sqrt((apart**2).sum(axis=2, keepdims=True) / count)
        readings = (readings - middle) / np.maximum(spread, 1e-6)
    readings = readings.clip(-CLIP, CLIP)
    return np.where(known, readings, 0.0).astype(np.float32), known.astype(np.float32)


class Part:
    """`inputs` are readings and known [N, C, L], and lengths [N].

    Settings: names of the sensors; most, readings of a window that are read, the last ones; own. Arrays: mean, scale.
    """

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        del folder
        self._settings, self._arrays = settings, arrays

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Of a list of readings [T], NaN where missing, for each row of each sensor."""
        names, most = self._settings["names"], self._settings["most"]
        rows = [[np.asarray(own, np.float64)[-most:] for own in columns[name]] for name in names]
        lengths = np.array([len(own) for own in rows[0]], np.int64)
        table = np.full((len(lengths), len(names), int(lengths.max(initial=1))), np.nan)
        for at, windows in enumerate(rows):
            for row, own in enumerate(windows):
                table[row, at, : len(own)] = own
        mean, scale = self._arrays["mean"], self._arrays["scale"]
        readings, known = standardised(table, mean, scale, own=self._settings["own"])
        return {"readings": readings, "known": known, "lengths": lengths}
