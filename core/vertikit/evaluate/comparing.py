"""The model beside its baselines, on the same rows and the same resamples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.frame import PREFIX
from vertikit.evaluate.measuring import interval, ranking, take
from vertikit.evaluate.resampling import MIN_UNITS, resampled_rows, unit_count

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def paired_difference(
    frame_model: pd.DataFrame,
    frame_baseline: pd.DataFrame,
    metric: Metric,
    context: MetricContext,
    groups: NDArray[np.object_] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """{"value": difference, "ci95": [low, high]}; positive where the model is better, whatever the direction.

    Both frames hold the same examples in the same order. Each resample scores both on the same drawn rows
    (or whole groups), so what makes an example hard for both cancels out; the interval is the percentile
    bootstrap of the differences. Without an interval, "why" says the reason, as in `measure`.
    """
    if len(frame_model) != len(frame_baseline) or not np.array_equal(
        np.asarray(frame_model["truth"], object), np.asarray(frame_baseline["truth"], object)
    ):
        raise ValueError("the model and the baseline were not scored on the same rows")
    value = _difference(frame_model, frame_baseline, metric, context)
    if not math.isfinite(value):
        return {"value": None, "why": "not defined on these rows"}
    if not resamples:
        return {"value": value}
    if unit_count(len(frame_model), groups) < MIN_UNITS:
        unit = "rows" if groups is None else "groups"
        return {"value": value, "why": f"no interval: fewer than {MIN_UNITS} {unit}"}
    # In the order of both scores together: nearly sorted for either, and the same whichever is called the model.
    order = ranking(frame_model, frame_baseline)
    frame_model, frame_baseline = take(frame_model, order), take(frame_baseline, order)
    groups = None if groups is None else groups[order]
    drawn = [
        _difference(take(frame_model, rows), take(frame_baseline, rows), metric, context)
        for rows in resampled_rows(len(frame_model), groups, resamples=resamples, seed=seed)
    ]
    low_high = interval(np.asarray(drawn, np.float64), value)
    if low_high is None:
        return {"value": value, "why": "no interval: too few resamples define it"}
    return {"value": value, "ci95": low_high}


def best_baseline(values: Mapping[str, float | None], *, higher_is_better: bool) -> str | None:
    """The baseline with the best value, the first among equals; None where none has a value.

    It is chosen on the very rows that the model is judged on, which favours the baseline and not the model.
    """
    defined = {name: value for name, value in values.items() if value is not None and math.isfinite(value)}
    if not defined:
        return None
    return (max if higher_is_better else min)(defined, key=lambda name: defined[name])


def sees_nothing(frame: pd.DataFrame) -> bool:
    """Whether every row got the same answer: the mark of a baseline that never looks at its input."""
    names = [name for name in frame.columns if str(name).startswith(PREFIX)] or ["prediction"]
    table = frame[names].to_numpy(np.float64)
    return bool(len(table)) and bool((table == table[0]).all())


def _difference(model: pd.DataFrame, baseline: pd.DataFrame, metric: Metric, context: MetricContext) -> float:
    try:
        ours, theirs = metric.compute(model, context), metric.compute(baseline, context)
    # As in `measure`: a metric may not be defined on a resample, and some say so by raising.
    except Exception:
        return math.nan
    if isinstance(ours, Mapping) or isinstance(theirs, Mapping):
        raise ValueError("a metric of several numbers cannot decide a comparison")
    return float(ours - theirs if metric.higher_is_better else theirs - ours)
