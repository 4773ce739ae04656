"""Metrics of a target of two classes of which one is looked for: the last of the labels is the one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit import VertikitError
from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.asking import TRUTH
from vertikit.evaluate.frame import PREFIX

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BUDGET = 0.01


def looked_for(frame: pd.DataFrame, context: MetricContext) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """(whether each row is of the class that is looked for, its probability of that class).

    VertikitError of any other target than one of two classes.
    """
    if len(context.labels) != 2 or f"{TRUTH}{context.labels[0]}" in frame.columns:
        raise VertikitError("this metric is for a target of two classes.", "Choose another metric.")
    name = context.labels[-1]
    return np.asarray(frame["truth"] == name, bool), frame[PREFIX + name].to_numpy(np.float64)


def average_precision(frame: pd.DataFrame, context: MetricContext) -> float:
    """Area under the precision-recall curve as a sum of steps, sum over thresholds of (R_n - R_n-1) P_n."""
    truth, score = looked_for(frame, context)
    found, taken = _at_thresholds(truth, score)
    total = found[-1] if len(found) else 0
    if not total:
        return float("nan")
    recall = found / total
    return float(np.sum(np.diff(recall, prepend=0.0) * found / taken))


def ks(frame: pd.DataFrame, context: MetricContext) -> float:
    """Kolmogorov-Smirnov distance of the two classes' scores: the largest of (true - false positive rate)."""
    truth, score = looked_for(frame, context)
    found, taken = _at_thresholds(truth, score)
    positives = truth.sum()
    if not positives or positives == len(truth):
        return float("nan")
    return float(np.max(found / positives - (taken - found) / (len(truth) - positives)))


def recall_at_budget(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of the rows looked for among the 1 % with the highest scores; rows of equal score share what is left."""
    truth, score = looked_for(frame, context)
    if not truth.any():
        return float("nan")
    budget = BUDGET * len(truth)
    found, taken = _at_thresholds(truth, score)
    at = int(np.searchsorted(taken, budget))
    before = (found[at - 1], taken[at - 1]) if at else (0, 0)
    share = (budget - before[1]) / (taken[at] - before[1]) if at < len(taken) else 0.0
    within = before[0] + (share * (found[at] - before[0]) if at < len(taken) else 0.0)
    return float(within / truth.sum())


def _at_thresholds(
    truth: NDArray[np.bool_], score: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows looked for, rows) with at least each score that occurs, the highest first."""
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1) if len(falling) else np.empty(0, int)
    found = np.cumsum(truth[order])[ends] if len(falling) else np.empty(0, int)
    return np.asarray(found, np.int64), np.asarray(ends + 1, np.int64)


AVERAGE_PRECISION = Metric(average_precision)
KS = Metric(ks)
RECALL_AT_BUDGET = Metric(recall_at_budget)
