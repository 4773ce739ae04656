"""A mean over rows with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.evaluate.measuring import interval
from vertikit.evaluate.resampling import MIN_UNITS, resampled_rows, unit_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 1000


def mean(values: NDArray[np.float64], groups: NDArray[np.object_] | None, seed: int) -> dict[str, Any]:
    """{"value", "ci95", "rows"} of values [N]: the percentile bootstrap over rows, or over groups [N] of them; without
    an interval, "why"."""
    if not len(values):
        return {"value": None, "rows": 0, "why": "no rows"}
    found: dict[str, Any] = {"value": float(values.mean()), "rows": len(values)}
    if unit_count(len(values), groups) < MIN_UNITS:
        unit = "rows" if groups is None else "groups"
        return {**found, "why": f"no interval: fewer than {MIN_UNITS} {unit}"}
    drawn = [
        float(values[rows].mean())
        for rows in resampled_rows(len(values), groups, resamples=RESAMPLES, seed=seed)
    ]
    between = interval(np.asarray(drawn), found["value"])
    return found if between is None else {**found, "ci95": between}
