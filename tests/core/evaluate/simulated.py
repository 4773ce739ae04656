"""Predictions of a made-up classifier, whose quality and calibration the tests choose."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.frame import prediction_frame

LABELS = tuple("abcdefgh")
CONTEXT = MetricContext(LABELS)


def softmax(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def probabilities(
    rows: int, classes: int, seed: int, skill: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities [rows, classes] and true class numbers; classes are unequally frequent."""
    random = np.random.default_rng(seed)
    shares = np.arange(1, classes + 1) / np.arange(1, classes + 1).sum()
    truth = random.choice(classes, rows, p=shares)
    raw = random.normal(size=(rows, classes))
    raw[np.arange(rows), truth] += skill
    return softmax(raw), truth


def simulated(
    rows: int, seed: int = 0, skill: float = 1.0, labels: tuple[str, ...] = LABELS, weighted: bool = False
) -> pd.DataFrame:
    """A metric's frame over `labels`."""
    found, truth = probabilities(rows, len(labels), seed, skill)
    weight = np.random.default_rng(seed + 1).uniform(0.2, 3.0, rows) if weighted else None
    return prediction_frame(labels, found, [labels[each] for each in truth], weight)


def share_right(frame: pd.DataFrame, _: MetricContext) -> float:
    return float((frame["truth"].array.codes == frame["prediction"].array.codes).mean())


ACCURACY = Metric(share_right)
