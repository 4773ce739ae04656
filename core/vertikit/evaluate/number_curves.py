"""What the report draws of numbers: truth against answer, error against coverage, how often intervals hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vertikit.evaluate.curves import POINTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BINS = 10
LEAST = 5
"""Rows of a bin."""


def root_mean_square(error: NDArray[np.float64]) -> float:
    """Of errors [n], n > 0."""
    return math.sqrt(float(np.mean(error**2)))


def nearness(frame: pd.DataFrame) -> dict[str, list[float]]:
    """{"prediction", "truth", "low", "high", "rows"}: means in bins of equally many rows by the answer, and the truth's
    middle eight tenths there. No single row can be read off them."""
    order = np.argsort(frame["prediction"].to_numpy(), kind="stable")
    bins = max(1, min(BINS, len(order) // LEAST))
    found: dict[str, list[float]] = {key: [] for key in ("prediction", "truth", "low", "high", "rows")}
    if not len(order):
        return found
    prediction, truth = frame["prediction"].to_numpy()[order], frame["truth"].to_numpy()[order]
    for part in np.array_split(np.arange(len(order)), bins):
        low, high = np.quantile(truth[part], [0.1, 0.9])
        values = (prediction[part].mean(), truth[part].mean(), low, high, len(part))
        for key, value in zip(found, values, strict=True):
            found[key].append(float(value))
    return found


def held(frame: pd.DataFrame, level: float) -> dict[str, float]:
    """{"level", "coverage", "width"}: how often the intervals hold the truth, and how wide they are on average."""
    truth, low, high = (frame[name].to_numpy() for name in ("truth", "low", "high"))
    if not np.isfinite(low).all() or not len(truth):
        return {"level": level}
    inside = (truth >= low - 1e-9) & (truth <= high + 1e-9)
    return {"level": level, "coverage": float(inside.mean()), "width": float((high - low).mean())}


def error_coverage(frame: pd.DataFrame) -> dict[str, list[float]]:
    """{"coverage", "risk"}: root mean squared error when only the surest share of rows is answered."""
    if "spread" not in frame or not len(frame):
        return {"coverage": [], "risk": []}
    spread = frame["spread"].to_numpy()
    order = np.argsort(spread, kind="stable")
    squares = ((frame["prediction"] - frame["truth"]).to_numpy()[order]) ** 2
    count = np.arange(1, len(order) + 1)
    ends = np.flatnonzero(np.append(np.diff(spread[order]) != 0, True))
    if len(ends) > POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, POINTS).round().astype(np.int64))]
    return {
        "coverage": (count[ends] / len(order)).tolist(),
        "risk": np.sqrt(np.cumsum(squares)[ends] / count[ends]).tolist(),
    }
