"""Confident learning: which labels are probably wrong, by probabilities of models that had not seen the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices


@dataclass(frozen=True)
class Confident:
    """What confident learning says of some rows.

    Args:
        suspicious: [n] whether the label of a row is probably wrong. likely: [n] the class that it is likelier to be.
        joint: [K, K] estimated share of rows by given class (lines) and true class (columns); sums to 1.
    """

    suspicious: NDArray[np.bool_]
    likely: Indices
    joint: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Estimated share of wrong labels."""
        return float(1 - np.trace(self.joint))

    def share_of(self, label: int) -> float:
        """The same among the rows that have been given that class; 0 where there are none."""
        own = self.joint[label]
        return float(1 - own[label] / own.sum()) if own.sum() else 0.0


def self_confidence(probabilities: NDArray[np.float64], given: Indices) -> NDArray[np.float64]:
    """[K] the mean probability of each class over the rows that have been given it; 1 for a class without rows."""
    count = probabilities.shape[1]
    own = probabilities[np.arange(len(given)), given]
    rows = np.bincount(given, minlength=count)
    total = np.bincount(given, own, minlength=count)
    return np.where(rows > 0, total / np.maximum(rows, 1), 1.0)


def confident(
    probabilities: NDArray[np.float64], given: Indices, thresholds: NDArray[np.float64]
) -> Confident:
    """Rows off the diagonal of the confident joint (Northcutt, Jiang and Chuang 2021, JAIR 70, arXiv:1911.00068).

    A row counts as a true example of the likeliest of the classes whose probability reaches the class's threshold; the
    joint is those counts, each line scaled to the rows that have been given its class. A row is suspicious where that
    class is another than the given one, and likelier.

    Args:
        probabilities: [n, K] of models that were not trained on the rows. given: [n] class numbers.
        thresholds: [K] of `self_confidence`.
    """
    rows, count = probabilities.shape
    every = np.arange(rows)
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    likely = reached.argmax(axis=1)
    counted = reached[every, likely] >= 0
    counts = np.zeros((count, count))
    np.add.at(counts, (given[counted], likely[counted]), 1)
    given_rows = np.bincount(given, minlength=count).astype(float)
    # A class of which no row is sure of anything is taken for right.
    empty = counts.sum(axis=1) == 0
    counts[empty, empty.nonzero()[0]] = 1
    joint = counts / counts.sum(axis=1, keepdims=True) * given_rows[:, None]
    suspicious = counted & (probabilities[every, likely] > probabilities[every, given])
    return Confident(suspicious, np.where(counted, likely, given), joint / max(rows, 1))
