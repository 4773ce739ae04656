"""What the report draws of forecasts: how errors grow with the step, and a few forecasts beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.outcome.forecast_frame import ANSWER, TRUTH

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 3
"""Forecasts that are drawn."""
POINTS = 200
"""Steps of a curve, at most."""


def by_step(frame: pd.DataFrame, levels: Sequence[float]) -> dict[str, Any]:
    """{"step", "error", "held", "level"}: by step, the mean absolute error of the median and how often the interval of
    the lowest and the highest quantile holds the truth, which is to be `level`."""
    if not len(frame):
        return {}
    horizon = len(frame[TRUTH].iloc[0])
    middle = list(levels).index(0.5)
    total, held, count = np.zeros(horizon), np.zeros(horizon), np.zeros(horizon)
    for truth, answer in zip(frame[TRUTH], frame[ANSWER], strict=True):
        known = np.isfinite(truth)
        total += np.where(known, np.abs(truth - answer[:, middle]), 0.0)
        held += known & (truth >= answer[:, 0] - 1e-9) & (truth <= answer[:, -1] + 1e-9)
        count += known
    if not count.any():
        return {}
    steps = _spread(np.flatnonzero(count), POINTS)
    return {
        "step": (steps + 1).tolist(),
        "error": (total[steps] / count[steps]).tolist(),
        "held": (held[steps] / count[steps]).tolist() if len(levels) > 1 else [],
        "level": levels[-1] - levels[0],
    }


def some_forecasts(frame: pd.DataFrame, levels: Sequence[float]) -> list[dict[str, Any]]:
    """Of the forecasts by their mean absolute error a good one, a middling one and one of the worst: `line` of the
    frame, and by step `truth` (None where it is missing), `low`, `middle` and `high`."""
    columns = [str(name) for name in frame.columns]
    error = sum(frame[name].to_numpy() for name in columns if name.startswith(".absolute@"))
    steps = sum(frame[name].to_numpy() for name in columns if name.startswith(".steps@"))
    judged = np.flatnonzero(np.asarray(steps) > 0)
    if not len(judged):
        return []
    size = sum(frame[name].to_numpy() for name in columns if name.startswith(".size@"))
    order = judged[np.argsort((error / np.maximum(size, 1e-12))[judged], kind="stable")]
    picked = [("a good one", order[len(order) // 10]), ("a middling one", order[len(order) // 2])]
    picked.append(("one of the worst", order[-1 - len(order) // 50]))
    middle = list(levels).index(0.5)
    found = []
    for told, at in picked[:SHOWN]:
        truth, answer = frame[TRUTH].iloc[at], frame[ANSWER].iloc[at]
        chosen = _spread(np.arange(len(truth)), POINTS)
        found.append(
            {
                "told": told,
                "line": int(at),
                "step": (chosen + 1).tolist(),
                "truth": [float(each) if np.isfinite(each) else None for each in truth[chosen]],
                "low": answer[chosen, 0].tolist(),
                "middle": answer[chosen, middle].tolist(),
                "high": answer[chosen, -1].tolist(),
            }
        )
    return found


def _spread(steps: np.ndarray[Any, np.dtype[np.int64]], most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Of the steps in order so many at most, evenly spread."""
    if len(steps) <= most:
        return steps
    return steps[np.unique(np.linspace(0, len(steps) - 1, most).round().astype(np.int64))]
