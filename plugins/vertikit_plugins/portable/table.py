"""Columns of a table as numbers and codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HOUR, DAY = 3600.0, 86_400.0
THURSDAY = 3
"""The day of the week, Monday being 0, on which 1970 began."""
CLIP = 20.0
"""Standard deviations beyond which a number is as far out as can be."""


def clock(seconds: Any, part: str) -> NDArray[np.float64]:
    """The "hour" (0 to 24) or the "weekday" (0 to 6) of seconds [N] since 1970."""
    values = np.asarray(seconds, np.float64)
    if part == "hour":
        return np.asarray((values % DAY) / HOUR)
    return np.asarray((np.floor(values / DAY) + THURSDAY) % 7)


class Part:
    """`inputs` are numbers [N, F] float32, standardised, and codes [N, C]; or where nothing is standardised one table
    [N, F + C] float64, a code of 0 being missing.

    Settings: numbers, (column, part of a time or "") of each; categories, the code of each word by column; standardise.
    Arrays: mean and scale [F].
    """

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        del folder
        self._numbers, self._categories = settings["numbers"], settings["categories"]
        self._standardise, self._arrays = settings["standardise"], arrays

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Of columns that are there; others are missing."""
        rows = len(next(iter(columns.values())))
        numbers = np.full((rows, len(self._numbers)), np.nan)
        for at, (name, part) in enumerate(self._numbers):
            if name in columns:
                values = np.asarray(columns[name], np.float64)
                numbers[:, at] = clock(values, part) if part else values
        codes = np.zeros((rows, len(self._categories)), np.int64)
        for at, (name, known) in enumerate(self._categories.items()):
            if name in columns:
                codes[:, at] = [known.get(word, 0) if word is not None else 0 for word in columns[name]]
        if not self._standardise:
            return {"table": np.concatenate([numbers, np.where(codes == 0, np.nan, codes)], axis=1)}
        standard = (numbers - self._arrays["mean"]) / self._arrays["scale"]
        return {"numbers": standard.clip(-CLIP, CLIP).astype(np.float32), "codes": codes}
