"""How fault detection is judged: alarms at a threshold chosen before the test, and how early they come.

No point adjustment: an alarm counts for the example that it is raised on alone (Kim et al., Towards a rigorous
evaluation of time-series anomaly detection, AAAI 2022, shows what adjusting does to F1). FAR and MAR are the shares of
sound examples that are alarmed and of faulty ones that are not, as the Skoltech Anomaly Benchmark has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit_plugins.metrics.detection import looked_for

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MONTH = 30.44 * 86_400.0
DAY = 86_400.0
HOUR = 3_600.0
DEFAULT = 0.5
"""The threshold where none was learnt."""
LEVELS = 400
"""Thresholds that are tried."""
FALSE_ALARM_BUDGET = 1.0
"""False alarms per unit and month at which lead times are compared."""


def best_threshold(frame: pd.DataFrame, context: MetricContext) -> float:
    """The probability from which on an alarm gives the best F1 on these rows, the highest among equals."""
    truth, score = looked_for(frame, context)
    if not truth.any():
        return DEFAULT
    levels = np.unique(score)[::-1]
    order = np.argsort(-score, kind="stable")
    taken = np.searchsorted(-score[order], -levels, side="right")
    found = np.cumsum(truth[order])[taken - 1]
    return float(levels[np.argmax(2 * found / (taken + truth.sum()))])


def f1(frame: pd.DataFrame, context: MetricContext) -> float:
    """2 TP / (2 TP + FP + FN)."""
    truth, score = looked_for(frame, context)
    alarm = score >= _threshold(context, "f1")
    total = alarm.sum() + truth.sum()
    return float(2 * (alarm & truth).sum() / total) if truth.any() and total else float("nan")


def false_alarm_rate(frame: pd.DataFrame, context: MetricContext) -> float:
    """FP / (FP + TN)."""
    truth, score = looked_for(frame, context)
    alarm = score >= _threshold(context, "f1")
    return float(alarm[~truth].mean()) if not truth.all() else float("nan")


def missed_alarm_rate(frame: pd.DataFrame, context: MetricContext) -> float:
    """FN / (FN + TP)."""
    truth, score = looked_for(frame, context)
    alarm = score >= _threshold(context, "f1")
    return float(1 - alarm[truth].mean()) if truth.any() else float("nan")


def false_alarms(frame: pd.DataFrame, context: MetricContext) -> float:
    """Days on which a unit is alarmed without a fault, per unit and month."""
    truth, score = looked_for(frame, context)
    return _false_alarms(frame, truth, score >= _threshold(context, "f1"))


def lead_time(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean hours from the first alarm before a fault to it, a fault without an alarm counting as 0."""
    leads = _leads(frame, context)
    return float(leads.mean()) if len(leads) else float("nan")


def faults_foreseen(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of faults with an alarm before them."""
    leads = _leads(frame, context)
    return float((leads > 0).mean()) if len(leads) else float("nan")


def _leads(frame: pd.DataFrame, context: MetricContext) -> NDArray[np.float64]:
    """Of each fault the hours from its first alarm, 0 without one; of examples before one and the same fault, the first
    alarm counts. The threshold is the lowest at which these rows have no more false alarms than `FALSE_ALARM_BUDGET`.
    """
    truth, score = looked_for(frame, context)
    threshold = _at_budget(frame, truth, score)
    after = frame["fault.after"].to_numpy(np.float64)
    time = frame["time"].to_numpy(np.float64)
    leads = []
    for rows in _units(frame):
        faults = rows[truth[rows] & np.isfinite(after[rows])]
        when = np.round(time[faults] + after[faults])
        for each in np.unique(when):
            before = faults[when == each]
            alarmed = before[score[before] >= threshold]
            leads.append(float(after[alarmed].max()) / HOUR if len(alarmed) else 0.0)
    return np.array(leads)


def _threshold(context: MetricContext, name: str) -> float:
    return float(context.learnt.get(name, DEFAULT))


def _units(frame: pd.DataFrame) -> Iterator[NDArray[np.int64]]:
    """Positions of each unit's examples in order of time; without units all are of one."""
    time = frame["time"].to_numpy(np.float64)
    codes = (
        frame["unit"].cat.codes.to_numpy(np.int64) if "unit" in frame.columns else np.zeros(len(frame), int)
    )
    order = np.lexsort((time, codes))
    edges = np.flatnonzero(np.diff(codes[order], prepend=-2))
    yield from np.split(order, edges[1:])


def _months(frame: pd.DataFrame) -> float:
    """Months that units were watched, all together: from first to last example, and one usual step more."""
    time = frame["time"].to_numpy(np.float64)
    total = 0.0
    for rows in _units(frame):
        steps = np.diff(time[rows])
        total += time[rows[-1]] - time[rows[0]] + (float(np.median(steps)) if len(steps) else 0.0)
    return total / MONTH


def _false_alarms(frame: pd.DataFrame, truth: NDArray[np.bool_], alarm: NDArray[np.bool_]) -> float:
    months = _months(frame)
    if not months > 0:
        return float("nan")
    day = np.floor(frame["time"].to_numpy(np.float64) / DAY)
    false = alarm & ~truth
    return sum(len(np.unique(day[rows][false[rows]])) for rows in _units(frame)) / months


def _at_budget(frame: pd.DataFrame, truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The lowest threshold with no more false alarms than the budget, tried from the highest score down."""
    levels = np.unique(score)[::-1]
    levels = levels[np.unique(np.linspace(0, len(levels) - 1, LEVELS).round().astype(int))]
    chosen = float("inf")
    for level in levels:
        if _false_alarms(frame, truth, score >= level) > FALSE_ALARM_BUDGET:
            break
        chosen = float(level)
    return chosen


F1 = Metric(f1, learn=best_threshold)
FALSE_ALARM_RATE = Metric(false_alarm_rate, higher_is_better=False)
MISSED_ALARM_RATE = Metric(missed_alarm_rate, higher_is_better=False)
FALSE_ALARMS = Metric(
    false_alarms, higher_is_better=False, upper=float("inf"), needs=("time",), resampled=False
)
LEAD_TIME = Metric(lead_time, upper=float("inf"), needs=("time", "fault.after"), resampled=False)
FAULTS_FORESEEN = Metric(faults_foreseen, needs=("time", "fault.after"), resampled=False)
