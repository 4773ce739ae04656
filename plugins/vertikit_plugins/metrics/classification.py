"""Metrics of the class that was named, and of the three likeliest.

The macro averages run over the classes that occur in the truth or the prediction of the rows at hand, and
a ratio without a denominator counts 0 (scikit-learn's default with `zero_division=0`). On the whole test part
that is every class that the data or the model knows of; on a bootstrap resample that lost a rare class it
leaves the class out, where counting it as 0 would bend every interval downward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.frame import probability_matrix
from vertikit_plugins.metrics.outcomes import outcomes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def accuracy(frame: pd.DataFrame, context: MetricContext) -> float:
    """Weighted share of rows whose prediction is the truth."""
    found = outcomes(frame, context.labels)
    return float(np.average(found.truth == found.prediction, weights=found.weight))


def balanced_accuracy(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean recall over the classes that occur in the truth (Brodersen et al. 2010, ICPR)."""
    table = outcomes(frame, context.labels).confusion()
    rows = table.sum(axis=1)
    occurs = rows > 0
    return float((table.diagonal()[occurs] / rows[occurs]).mean())


def macro_precision(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over classes of right / predicted; a class that is never predicted counts 0."""
    table = outcomes(frame, context.labels).confusion()
    return _macro(table, table.diagonal(), table.sum(axis=0))


def macro_recall(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over classes of right / true; a class that is predicted and never true counts 0."""
    table = outcomes(frame, context.labels).confusion()
    return _macro(table, table.diagonal(), table.sum(axis=1))


def macro_f1(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over classes of 2 right / (true + predicted), the harmonic mean of precision and recall."""
    table = outcomes(frame, context.labels).confusion()
    return _macro(table, 2 * table.diagonal(), table.sum(axis=0) + table.sum(axis=1))


def per_class(frame: pd.DataFrame, context: MetricContext) -> dict[str, float]:
    """`precision.<label>`, `recall.<label>`, `f1.<label>` and `support.<label>` (true rows, a count).

    A class that is neither true nor predicted has no ratios (NaN); else a ratio without a denominator is 0.
    """
    found = outcomes(frame, context.labels)
    table = found.confusion()
    true, named, right = table.sum(axis=1), table.sum(axis=0), table.diagonal()
    occurs = true + named > 0
    ratios = {
        "precision": np.where(occurs, _ratio(right, named), np.nan),
        "recall": np.where(occurs, _ratio(right, true), np.nan),
        "f1": np.where(occurs, _ratio(2 * right, true + named), np.nan),
    }
    counts = np.bincount(found.truth, minlength=found.classes)
    numbers: dict[str, float] = {}
    for name, values in ratios.items():
        numbers.update(zip((f"{name}.{label}" for label in context.labels), values.tolist(), strict=False))
    numbers.update(zip((f"support.{label}" for label in context.labels), counts.tolist(), strict=False))
    return numbers


def top3_accuracy(frame: pd.DataFrame, context: MetricContext) -> float:
    """Weighted share of rows whose truth is among the three likeliest; equals stand in the labels' order."""
    found = outcomes(frame, context.labels)
    table = probability_matrix(frame, context.labels)
    known = found.truth < table.shape[1]
    truth = np.where(known, found.truth, 0)
    of_truth = table[np.arange(len(table)), truth][:, None]
    earlier = np.arange(table.shape[1]) < truth[:, None]
    ahead = ((table > of_truth) | ((table == of_truth) & earlier)).sum(axis=1)
    return float(np.average(known & (ahead < 3), weights=found.weight))


def _macro(table: NDArray[np.float64], over: NDArray[np.float64], under: NDArray[np.float64]) -> float:
    occurs = table.sum(axis=0) + table.sum(axis=1) > 0
    return float(_ratio(over, under)[occurs].mean())


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(over, under, out=np.zeros(len(over)), where=under > 0)


ACCURACY = Metric(accuracy)
BALANCED_ACCURACY = Metric(balanced_accuracy)
MACRO_PRECISION = Metric(macro_precision)
MACRO_RECALL = Metric(macro_recall)
MACRO_F1 = Metric(macro_f1)
PER_CLASS = Metric(per_class)
TOP3_ACCURACY = Metric(top3_accuracy)
