"""Metrics of the probabilities: do they rank, and do they mean what they say?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.asking import TRUTH, asked
from vertikit.evaluate.curves import BINS, confidence_bins
from vertikit.evaluate.frame import probability_matrix
from vertikit_plugins.metrics.outcomes import outcomes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def auroc(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean area under the ROC curve, each class against the rest, over classes with rows on both sides.

    The area is the chance that a row of the class scores above a row of the rest, a tie counting one half
    (Hanley and McNeil 1982, Radiology 143:29-36). NaN where no class has rows on both sides. Of a target of several
    findings, the mean over these, each on the rows where it is known.
    """
    if context.labels and f"{TRUTH}{context.labels[0]}" in frame.columns:
        of_findings = [area(each.truth, each.score) for each in asked(frame, context)]
        known = [each for each in of_findings if np.isfinite(each)]
        return float(np.mean(known)) if known else float("nan")
    found = outcomes(frame, context.labels)
    areas = _areas(probability_matrix(frame, context.labels).T, found.truth, found.weight)
    areas = areas[np.isfinite(areas)]
    return float(areas.mean()) if len(areas) else float("nan")


def area(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The area of one question [n]; NaN where the truth is the same in all rows."""
    found = _areas(score[None, :], np.where(truth, 0, 1).astype(np.intp), np.ones(len(truth)))
    return float(found[0]) if len(truth) else float("nan")


def _areas(
    scores: NDArray[np.float64], truth: NDArray[np.intp], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[K] the area for each class; NaN where it has all rows or none. `scores` is [K, N].

    A row's middle rank is the weight of all rows below it and half of that of its equals. Summed over the
    rows of a class, it counts the pairs won against the rest, and the pairs within the class, half of which
    are won (the Mann-Whitney form of the area).
    """
    order = np.argsort(scores, axis=1, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=1)
    below = np.zeros((len(scores), scores.shape[1] + 1))
    np.cumsum(weight[order], axis=1, out=below[:, 1:])
    areas = np.full(len(scores), np.nan)
    for label, own in enumerate(truth == np.arange(len(scores))[:, None]):
        # What the smaller side wins is found by looking up fewer rows; the rest of the pairs are the other's.
        smaller = own if 2 * own.sum() <= len(own) else ~own
        mine, heavy = scores[label, smaller], weight[smaller]
        ranks = below[label, ordered[label].searchsorted(mine)]
        ranks = ranks + below[label, ordered[label].searchsorted(mine, side="right")]
        total = heavy.sum()
        pairs = total * (below[label, -1] - total)
        if pairs > 0:
            won = ((heavy * ranks).sum() - total**2) / 2 / pairs
            areas[label] = won if smaller is own else 1 - won
    return areas


def log_loss(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean of -ln p(truth), in nats.

    p is kept within [e, 1 - e] with e = 2.2e-16: a true class that was ruled out costs 36, not infinity.
    """
    found = outcomes(frame, context.labels)
    edge = np.finfo(np.float64).eps
    table = probability_matrix(frame, context.labels)
    of_truth = np.clip(_of_truth(table, found.truth), edge, 1 - edge)
    return float(np.average(-np.log(of_truth), weights=found.weight))


def brier(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over rows of the sum over classes of (p - truth)^2, from 0 to 2.

    Brier 1950, Monthly Weather Review 78:1-3.
    """
    found = outcomes(frame, context.labels)
    table = probability_matrix(frame, context.labels)
    squares = np.einsum("nk,nk->n", table, table)
    return float(np.average(squares - 2 * _of_truth(table, found.truth) + 1, weights=found.weight))


def ece(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over rows of |accuracy - mean confidence| of the row's bin, 15 equal bins of the top probability.

    Guo et al. 2017, arXiv:1706.04599, equation 3. On few rows it is above zero even where the
    probabilities are right, for chance alone parts accuracy from confidence within a bin.
    """
    found = outcomes(frame, context.labels)
    confidence = probability_matrix(frame, context.labels).max(axis=1)
    gap = (found.truth == found.prediction) - confidence
    sums = np.bincount(confidence_bins(confidence), gap * found.weight, minlength=BINS)
    return float(np.abs(sums).sum() / found.weight.sum())


def _of_truth(table: NDArray[np.float64], truth: NDArray[np.intp]) -> NDArray[np.float64]:
    """[N] the probability of the true class; 0 for a class that the model does not know."""
    known = truth < table.shape[1]
    return np.where(known, table[np.arange(len(table)), np.where(known, truth, 0)], 0.0)


AUROC = Metric(auroc)
LOG_LOSS = Metric(log_loss, higher_is_better=False, upper=float("inf"))
BRIER = Metric(brier, higher_is_better=False, upper=2.0)
ECE = Metric(ece, higher_is_better=False)
