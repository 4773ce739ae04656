"""Metrics of grades: labels are steps of a scale, read as numbers.

Agreement is measured on the grade that was given; distances and correlation on the expected grade, the mean of the
steps by their probabilities, as is usual for automated scores before rounding (Williamson, Xi and Breyer 2012,
Educational Measurement: Issues and Practice 31(1):2-13).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.errors import VertikitError
from vertikit.evaluate.frame import probability_matrix
from vertikit_plugins.metrics.outcomes import Outcomes, outcomes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def qwk(frame: pd.DataFrame, context: MetricContext) -> float:
    """Quadratic weighted kappa: 1 - sum(d^2 observed) / sum(d^2 expected), d the distance of two grades (Cohen 1968).

    From -1 to 1; 0 is agreement by chance alone. Where both sides give one and the same grade throughout, nothing
    can be said (NaN).
    """
    return _beyond_chance(*_given(frame, context))


def concordance(frame: pd.DataFrame, context: MetricContext) -> float:
    """Lin's concordance correlation: quadratic weighted kappa of numbers that need not lie on steps (Lin 1989,
    Biometrics 45:255-268)."""
    return _beyond_chance(*_numbers(frame, context))


def _beyond_chance(
    truth: NDArray[np.float64], given: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    observed = float(np.average((truth - given) ** 2, weights=weight))
    # Chance pairs every truth with every grade: E(x - y)^2 = (E x - E y)^2 + var x + var y.
    means = [float(np.average(each, weights=weight)) for each in (truth, given)]
    spreads = [
        float(np.average((each - mean) ** 2, weights=weight))
        for each, mean in zip((truth, given), means, strict=True)
    ]
    expected = (means[0] - means[1]) ** 2 + sum(spreads)
    return 1 - observed / expected if expected > 1e-18 else math.nan


def exact_agreement(frame: pd.DataFrame, context: MetricContext) -> float:
    """Weighted share of rows whose grade, on the nearest step of the scale, is the truth."""
    truth, given, weight = _given(frame, context)
    return float(np.average(np.abs(truth - given) <= 1e-9 * (1 + np.abs(truth)), weights=weight))


def adjacent_agreement(frame: pd.DataFrame, context: MetricContext) -> float:
    """Weighted share of rows whose grade is the truth or one step off; a step is the smallest between two labels."""
    truth, given, weight = _given(frame, context)
    if context.labels:
        known = np.asarray([float(label) for label in context.labels])
        step = float(np.diff(known).min()) if len(known) > 1 else 0.0
    else:
        step = context.scale.step if context.scale is not None and context.scale.step else math.nan
    return float(np.average(np.abs(truth - given) <= step * (1 + 1e-9), weights=weight))


def rmse(frame: pd.DataFrame, context: MetricContext) -> float:
    """Root of the mean squared distance of the expected grade from the truth, in points."""
    truth, expected, weight = _numbers(frame, context)
    return math.sqrt(float(np.average((expected - truth) ** 2, weights=weight)))


def mae(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean distance of the expected grade from the truth, in points."""
    truth, expected, weight = _numbers(frame, context)
    return float(np.average(np.abs(expected - truth), weights=weight))


def pearson(frame: pd.DataFrame, context: MetricContext) -> float:
    """Correlation of the expected grade with the truth; NaN where one of them is constant."""
    truth, expected, weight = _numbers(frame, context)
    ours = expected - np.average(expected, weights=weight)
    theirs = truth - np.average(truth, weights=weight)
    spread = math.sqrt(float((weight * ours**2).sum() * (weight * theirs**2).sum()))
    return float((weight * ours * theirs).sum()) / spread if spread > 1e-12 else math.nan


def smd(frame: pd.DataFrame, context: MetricContext) -> float:
    """Standardised mean difference, its size: |mean expected grade - mean truth| / standard deviation of the truth.

    The trade flags more than 0.15 (Williamson, Xi and Breyer 2012). NaN where the truth is constant.
    """
    truth, expected, weight = _numbers(frame, context)
    centre = float(np.average(truth, weights=weight))
    spread = math.sqrt(float(np.average((truth - centre) ** 2, weights=weight)))
    return abs(float(np.average(expected, weights=weight)) - centre) / spread if spread > 0 else math.nan


def _numbers(
    frame: pd.DataFrame, context: MetricContext
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Truth, expected grade and weight [N]; of a target that is a number, truth and prediction."""
    if not context.labels:
        return _columns(frame)
    found = outcomes(frame, context.labels)
    steps = _steps(frame, context, found)
    expected = probability_matrix(frame, context.labels) @ steps[: len(context.labels)]
    return steps[found.truth], expected, found.weight


def _given(
    frame: pd.DataFrame, context: MetricContext
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Truth, grade given and weight [N]; numbers are put on the nearest step. VertikitError without steps."""
    if context.labels:
        found = outcomes(frame, context.labels)
        steps = _steps(frame, context, found)
        return steps[found.truth], steps[found.prediction], found.weight
    truth, given, weight = _columns(frame)
    scale = context.scale
    if scale is None or scale.step is None:
        raise VertikitError("the scale has no steps.", "Judge numbers by their distance.")
    start = scale.minimum or 0.0
    return truth, np.round((given - start) / scale.step) * scale.step + start, weight


def _columns(
    frame: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    truth, given, weight = (frame[name].to_numpy(np.float64) for name in ("truth", "prediction", "weight"))
    return truth, given, weight


def _steps(frame: pd.DataFrame, context: MetricContext, found: Outcomes) -> NDArray[np.float64]:
    """[classes] the number of each class, those that occur in the truth alone included."""
    names = list(context.labels)
    if found.classes > len(names):
        names += sorted({str(value) for value in frame["truth"]} - set(names))
    try:
        return np.asarray([float(name) for name in names])
    except ValueError:
        raise VertikitError(
            "grades are to be judged, and not every class is a number.",
            "Choose other metrics, or mend the target.",
        ) from None


QWK = Metric(qwk, lower=-1.0)
EXACT_AGREEMENT = Metric(exact_agreement)
ADJACENT_AGREEMENT = Metric(adjacent_agreement)
RMSE = Metric(rmse, higher_is_better=False, upper=math.inf)
MAE = Metric(mae, higher_is_better=False, upper=math.inf)
CONCORDANCE = Metric(concordance, lower=-1.0)
PEARSON = Metric(pearson, lower=-1.0)
SMD = Metric(smd, higher_is_better=False, upper=math.inf)
