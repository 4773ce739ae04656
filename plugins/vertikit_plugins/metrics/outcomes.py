"""Truth and prediction of a frame as class numbers, which numpy counts quickly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import ReferenceType, ref

import numpy as np

from vertikit import VertikitError
from vertikit.evaluate.asking import TRUTH

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Outcomes:
    """Class numbers [N] of truth and prediction, and weights [N].

    Numbers below K are the task's labels in order; those from K to `classes` are classes that occur in
    the data alone.
    """

    truth: NDArray[np.intp]
    prediction: NDArray[np.intp]
    weight: NDArray[np.float64]
    classes: int

    def confusion(self) -> NDArray[np.float64]:
        """Weights [classes, classes]: the row is the truth, the column the prediction."""
        size = self.classes
        flat = np.bincount(self.truth * size + self.prediction, self.weight, minlength=size * size)
        return flat.reshape(size, size).astype(np.float64, copy=False)


@dataclass
class _Latest:
    """The frame that was read last: a dozen metrics ask for the outcomes of the same one in turn."""

    frame: ReferenceType[pd.DataFrame] | None = None
    labels: tuple[str, ...] = ()
    outcomes: Outcomes | None = None


_latest = _Latest()


def outcomes(frame: pd.DataFrame, labels: tuple[str, ...]) -> Outcomes:
    """The outcomes of a metric's frame; ValueError where a row has no truth or no prediction.

    VertikitError of a target that is not one of some classes: a number, or several findings, whose probabilities do not
    add up to 1.
    """
    if _latest.frame is None or _latest.frame() is not frame or _latest.labels != labels:
        found = _read(frame, labels)
        _latest.frame, _latest.labels, _latest.outcomes = ref(frame), labels, found
        return found
    assert _latest.outcomes is not None
    return _latest.outcomes


def _read(frame: pd.DataFrame, labels: tuple[str, ...]) -> Outcomes:
    import pandas as pd

    if not labels or f"{TRUTH}{labels[0]}" in frame.columns:
        raise VertikitError("this metric is for a target of one class of several.", "Choose another metric.")
    columns = [frame[name].array for name in ("truth", "prediction")]
    truth, prediction = columns
    if (
        isinstance(truth, pd.Categorical)
        and isinstance(prediction, pd.Categorical)
        and prediction.categories is truth.categories
        and tuple(truth.categories[: len(labels)]) == labels
    ):
        codes, classes = [truth.codes, prediction.codes], len(truth.categories)
    else:
        values = [np.asarray(column, object) for column in columns]
        extra = sorted({str(value) for each in values for value in each if not pd.isna(value)} - set(labels))
        index = pd.Index([*labels, *extra], dtype=object)
        codes, classes = [index.get_indexer(pd.Index(each)) for each in values], len(index)
    if any((code < 0).any() for code in codes):
        raise ValueError("a row has no truth or no prediction")
    weight = np.asarray(frame["weight"], np.float64)
    return Outcomes(codes[0].astype(np.intp), codes[1].astype(np.intp), weight, classes)
