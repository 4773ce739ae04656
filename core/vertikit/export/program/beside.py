"""Numbers that join what the encoder gives, in spreads of the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 5.0
"""Standard deviations beyond which a number is cut: one slip must not outweigh all else."""


class Part:
    """`inputs` are the features `beside` [N, F] of columns of numbers, 0 where missing, with a flag for each column
    that training rows lack. Settings: columns. Arrays: mean, scale, and lacking, the places of those columns."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del folder
        self._columns, self._arrays = settings["columns"], arrays

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
        """Of columns [N] by name, NaN where missing; one that is not there is missing in all rows."""
        rows = len(next(iter(columns.values())))
        none = np.full(rows, np.nan)
        table = np.stack([np.asarray(columns.get(name, none), np.float64) for name in self._columns], axis=1)
        known = np.isfinite(table)
        mean, scale, lacking = (self._arrays[name] for name in ("mean", "scale", "lacking"))
        own = np.clip((np.where(known, table, mean) - mean) / scale, -FARTHEST, FARTHEST)
        flags = (~known[:, lacking]).astype(np.float64)
        return {"beside": np.concatenate([own, flags], axis=1).astype(np.float32)}
