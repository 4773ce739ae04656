"""Metrics of a search for findings: does it find them, at what cost, and do its probabilities mean what they say?

A finding is asked about by itself: one of several, each yes or no (`is.<finding>` in the frame), or that there is any,
where one class of a target means that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.asking import asked
from vertikit_plugins.metrics.probability import area

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SPECIFICITIES = (0.9, 0.95)
THRESHOLDS = (0.1, 0.2, 0.5)
"""Probabilities at which one would act, for the net benefit."""
STEPS = 25
EDGE = 1e-6


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the precision-recall curve as a sum of steps; equal scores count together."""
    if not truth.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    found = np.cumsum(truth[order])[ends]
    return float(np.sum(np.diff(found, prepend=0) / truth.sum() * found / (ends + 1)))


def mean_average_precision(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over findings of the average precision; over classes, each against the rest, where a row has one of them."""
    return _mean([average_precision(each.truth, each.score) for each in asked(frame, context, every=True)])


def per_finding(frame: pd.DataFrame, context: MetricContext) -> dict[str, float]:
    """`auroc.<finding>`, `ap.<finding>` and `positives.<finding>`, a count."""
    found: dict[str, float] = {}
    for each in asked(frame, context, every=True):
        found[f"auroc.{each.name}"] = area(each.truth, each.score)
        found[f"ap.{each.name}"] = average_precision(each.truth, each.score)
        found[f"positives.{each.name}"] = int(each.truth.sum())
    return found


@dataclass(frozen=True)
class AtSpecificity:
    """Sensitivity at the threshold that gives this specificity on calibration rows, and the specificity that it gives
    on the rows at hand.

    The threshold is the smallest score with at least that share of rows without the finding below it: of n of them,
    the k-th smallest, k the least whole number of at least `specificity` (n + 1) (Vovk et al., conformal prediction),
    so that it holds on new rows on average.
    """

    specificity: float

    def learn(self, frame: pd.DataFrame, context: MetricContext) -> dict[str, float | None]:
        """Finding -> threshold; None where there are too few rows without it."""
        return {
            each.name: _threshold(each.score[~each.truth], self.specificity) for each in asked(frame, context)
        }

    def compute(self, frame: pd.DataFrame, context: MetricContext) -> Mapping[str, float]:
        """The mean over findings of both."""
        percent = f"{100 * self.specificity:g}"
        learnt = context.learnt.get(f"at_{percent}_specificity") or {}
        sensitivity, reached = [], []
        for each in asked(frame, context):
            threshold = learnt.get(each.name)
            if threshold is None:
                continue
            said = each.score > threshold
            if each.truth.any():
                sensitivity.append(float(said[each.truth].mean()))
            if not each.truth.all():
                reached.append(float((~said[~each.truth]).mean()))
        return {
            f"sensitivity_at_{percent}_specificity": _mean(sensitivity),
            f"specificity_aimed_at_{percent}": _mean(reached),
        }


def _threshold(scores: NDArray[np.float64], specificity: float) -> float | None:
    rank = int(np.ceil(specificity * (len(scores) + 1) - 1e-9))
    return float(np.sort(scores)[rank - 1]) if 0 < rank <= len(scores) else None


def calibration_slope(frame: pd.DataFrame, context: MetricContext) -> float:
    """Slope of the truth on the log odds of the predictions: 1 where these mean what they say, less where they are too
    sure (Cox 1958, Biometrika 45:562-565)."""
    return _mean([_line(each.truth, each.score)[1] for each in asked(frame, context)])


def calibration_intercept(frame: pd.DataFrame, context: MetricContext) -> float:
    """Intercept at slope 1: above 0 where findings are more frequent than predicted, below where less."""
    return _mean([_line(each.truth, each.score, slope=False)[0] for each in asked(frame, context)])


def _line(truth: NDArray[np.bool_], score: NDArray[np.float64], *, slope: bool = True) -> tuple[float, float]:
    """(intercept, slope) of a logistic regression of truth on the log odds, by Newton steps; the slope fixed at 1
    without `slope`. NaN where all rows are alike, or the two are told apart without a mistake."""
    if truth.all() or not truth.any():
        return float("nan"), float("nan")
    p = score.clip(EDGE, 1 - EDGE)
    odds = np.log(p / (1 - p))
    if slope and (odds[truth].min() > odds[~truth].max() or np.ptp(odds) < 1e-9):
        return float("nan"), float("nan")
    line = np.array([0.0, 1.0])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-np.clip(line[0] + line[1] * odds, -30, 30)))
        weight = said * (1 - said) + 1e-12
        off = truth - said
        if slope:
            both = np.array(
                [[weight.sum(), (weight * odds).sum()], [(weight * odds).sum(), (weight * odds**2).sum()]]
            )
            step = np.linalg.solve(both + 1e-9 * np.eye(2), np.array([off.sum(), (off * odds).sum()]))
        else:
            step = np.array([off.sum() / weight.sum(), 0.0])
        line = line + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return float(line[0]), float(line[1])


def net_benefit(frame: pd.DataFrame, context: MetricContext) -> dict[str, float]:
    """True positives less false ones, weighed by the odds of the probability at which one acts, a row (Vickers and
    Elkin 2006, Medical Decision Making 26:565-574); and the same where everybody is treated."""
    found: dict[str, float] = {}
    findings = list(asked(frame, context))
    for threshold in THRESHOLDS:
        odds = threshold / (1 - threshold)
        acted, all_of_them = [], []
        for each in findings:
            said = each.score >= threshold
            acted.append(float((said & each.truth).mean() - odds * (said & ~each.truth).mean()))
            all_of_them.append(float(each.truth.mean() - odds * (~each.truth).mean()))
        percent = f"{100 * threshold:g}"
        found[f"net_benefit_at_{percent}"] = _mean(acted)
        found[f"net_benefit_at_{percent}_if_all"] = _mean(all_of_them)
    return found


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _at(specificity: float) -> Metric:
    found = AtSpecificity(specificity)
    compute: Callable[[pd.DataFrame, MetricContext], Mapping[str, float]] = found.compute
    return Metric(compute, learn=found.learn)


ANY = float("inf")
MEAN_AVERAGE_PRECISION = Metric(mean_average_precision)
PER_FINDING = Metric(per_finding)
AT_90, AT_95 = (_at(each) for each in SPECIFICITIES)
CALIBRATION_SLOPE = Metric(calibration_slope, lower=-ANY, upper=ANY, aim=1)
CALIBRATION_INTERCEPT = Metric(calibration_intercept, lower=-ANY, upper=ANY, aim=0)
NET_BENEFIT = Metric(net_benefit, lower=-ANY)
