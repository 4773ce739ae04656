"""Metrics with their 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.errors import VertikitError
from vertikit.evaluate.frame import PREFIX
from vertikit.evaluate.resampling import MIN_UNITS, resampled_rows, unit_count

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LEVELS = (2.5, 97.5)


def measure(
    frame: pd.DataFrame,
    metrics: Mapping[str, Metric],
    context: MetricContext,
    *,
    groups: NDArray[np.object_] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Name -> {"value": number, "ci95": [low, high]}, in the order of `metrics`.

    The named numbers of a metric stand under their own names (`f1.asthma`). A number that is not defined
    is None, and "why" says the reason in a few words. The interval is the percentile bootstrap over rows,
    or over whole `groups` [N] (see `resampling`), of the resamples in which the number is defined. There
    is none with `resamples` = 0, for counts (a metric gives those as int), for fewer than
    `MIN_UNITS` rows or groups, where fewer than half of the resamples define the number, and where all
    resamples agree (every answer right, say: an interval of width zero would claim certainty).
    """
    point, failures = _values(frame, metrics, context)
    result = {name: _entry(value, failures.get(name)) for name, value in point.items()}
    single = {name for name, metric in metrics.items() if not metric.resampled}
    for name in single & result.keys():
        if result[name]["value"] is not None:
            result[name]["why"] = "no interval: it counts different groups, which a resample repeats"
    metrics = {name: metric for name, metric in metrics.items() if name not in single}
    wanted = [
        name
        for name, value in point.items()
        if isinstance(value, float) and math.isfinite(value) and name not in single
    ]
    if not resamples or not wanted:
        return result
    units = unit_count(len(frame), groups)
    if units < MIN_UNITS:
        unit = "rows" if groups is None else "groups"
        for name in wanted:
            result[name]["why"] = f"no interval: fewer than {MIN_UNITS} {unit}"
        return result
    drawn: dict[str, list[float]] = {name: [] for name in wanted}
    order = ranking(frame)
    frame, groups = take(frame, order), None if groups is None else groups[order]
    for rows in resampled_rows(len(frame), groups, resamples=resamples, seed=seed):
        values, _ = _values(take(frame, rows), metrics, context)
        for name in wanted:
            drawn[name].append(values.get(name, math.nan))
    for name in wanted:
        low_high = interval(np.asarray(drawn[name], np.float64), point[name])
        if low_high is None:
            result[name]["why"] = "no interval: too few resamples define it"
        elif low_high[0] == low_high[1]:
            result[name]["why"] = "no interval: all resamples agree"
        else:
            result[name]["ci95"] = low_high
    return result


def take(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
    """The rows at those positions as a frame of its own, numbered from 0."""
    import pandas as pd

    taken = frame.take(rows)
    taken.index = pd.RangeIndex(len(rows))
    return taken


def ranking(*frames: pd.DataFrame) -> NDArray[np.int64]:
    """[N] positions of the rows from the highest probability of the last class (summed over frames) to the lowest.

    A resample of rows in this order, itself in order, is quickly sorted by metrics that rank: sorting is most of the
    work of a bootstrap.
    """
    names = [name for name in frames[0].columns if str(name).startswith(PREFIX)]
    if not names:
        return np.arange(len(frames[0]))
    scores = sum(frame[names[-1]].to_numpy(np.float64) for frame in frames)
    return np.argsort(-np.asarray(scores), kind="stable")


def interval(values: NDArray[np.float64], point: float) -> list[float] | None:
    """The 95 % percentile interval of bootstrap values [R]; None where fewer than half are numbers.

    It is widened to hold `point`, the value on the rows themselves, where all resamples lie to one side of it:
    so does a calibration error near zero, which is smallest on the rows as they are.
    """
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < max(len(values), 1):
        return None
    low, high = np.percentile(defined, LEVELS)
    return [float(min(low, point)), float(max(high, point))]


def _entry(value: float, failure: str | None) -> dict[str, Any]:
    if isinstance(value, int) or math.isfinite(value):
        return {"value": value}
    return {"value": None, "why": failure or "not defined on these rows"}


def _values(
    frame: pd.DataFrame, metrics: Mapping[str, Metric], context: MetricContext
) -> tuple[dict[str, float], dict[str, str]]:
    """Every number on one frame (counts stay int), and why a metric failed."""
    values: dict[str, float] = {}
    failures: dict[str, str] = {}
    for name, metric in metrics.items():
        if not len(frame):
            values[name], failures[name] = math.nan, "no rows"
            continue
        if lacking := [each for each in metric.needs if each not in frame.columns]:
            values[name], failures[name] = math.nan, f"the data has no {' and no '.join(lacking)}"
            continue
        try:
            found = metric.compute(frame, context)
        except VertikitError as error:
            values[name], failures[name] = math.nan, error.what.removesuffix(".")
            continue
        # A metric is foreign code, and one that fails (on a resample of one class, say) ends no run.
        except Exception as error:
            values[name] = math.nan
            failures[name] = f"{type(error).__name__}: {' '.join(str(error).split())}"
            continue
        if not isinstance(found, Mapping):
            values[name] = _number(found)
            continue
        for key, each in found.items():
            values[f"{name}.{key}" if key in values or key in metrics else key] = _number(each)
    return values, failures


def _number(found: Any) -> float:
    count = isinstance(found, int | np.integer) and not isinstance(found, bool)
    return int(found) if count else float(found)
