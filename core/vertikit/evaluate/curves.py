"""What the report draws: risk against coverage, confidence against accuracy, the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertikit.evaluate.frame import is_right, top_confidence

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BINS = 15
POINTS = 200


def risk_coverage(frame: pd.DataFrame) -> dict[str, list[float]]:
    """{"coverage", "risk"}: the share of wrong answers when only the surest share of rows is answered.

    Rows are taken in order of falling top confidence, those of equal confidence together, since no
    threshold parts them; at most 200 points, the last at coverage 1 (El-Yaniv and Wiener 2010, JMLR 11).
    """
    confidence, wrong = top_confidence(frame), ~is_right(frame)
    order = np.argsort(-confidence, kind="stable")
    confidence, wrong = confidence[order], wrong[order]
    count = np.arange(1, len(order) + 1)
    ends = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else count
    if len(ends) > POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, POINTS).round().astype(np.int64))]
    return {
        "coverage": (count[ends] / max(len(order), 1)).tolist(),
        "risk": (np.cumsum(wrong)[ends] / count[ends]).tolist(),
    }


def confidence_bins(confidence: NDArray[np.float64], bins: int = BINS) -> NDArray[np.int64]:
    """[N] the equal-width bin of each confidence: bin m (from 0) is (m / bins, (m + 1) / bins]."""
    edges = np.arange(1, bins) / bins
    return np.searchsorted(edges, confidence, side="left").astype(np.int64)


def reliability(frame: pd.DataFrame) -> dict[str, list[float]]:
    """{"confidence", "accuracy", "rows"}: means and counts in 15 equal-width bins of the top confidence.

    Empty bins are left out (Guo et al. 2017, arXiv:1706.04599, section 2).
    """
    confidence = top_confidence(frame)
    placed = confidence_bins(confidence)
    rows = np.bincount(placed, minlength=BINS)
    used = rows > 0
    count = rows[used]
    return {
        "confidence": (np.bincount(placed, confidence, minlength=BINS)[used] / count).tolist(),
        "accuracy": (np.bincount(placed, is_right(frame), minlength=BINS)[used] / count).tolist(),
        "rows": count.tolist(),
    }


def confusion(frame: pd.DataFrame, labels: Sequence[str]) -> list[list[int]]:
    """Counts [K, K]: the row is the truth, the column the prediction, in the order of `labels`.

    Rows whose truth is none of `labels` have no line here, so the counts may sum to less than the rows.
    """
    import pandas as pd

    index = pd.Index(list(labels), dtype=object)
    truth = index.get_indexer(pd.Index(np.asarray(frame["truth"], object)))
    prediction = index.get_indexer(pd.Index(np.asarray(frame["prediction"], object)))
    known = (truth >= 0) & (prediction >= 0)
    size = len(labels)
    flat = np.bincount(truth[known] * size + prediction[known], minlength=size * size)
    counts: list[list[int]] = flat.reshape(size, size).tolist()
    return counts
