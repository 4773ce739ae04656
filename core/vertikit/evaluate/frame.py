"""The frame that metrics, curves and policies read: one line per scored example."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vertikit.errors import VertikitError
from vertikit.table_columns import MICROSECOND

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.examples import Examples

PREFIX = "p."


def probability_columns(labels: Sequence[str]) -> list[str]:
    """The names of the probability columns, in the order of `labels`."""
    return [PREFIX + label for label in labels]


def prediction_frame(
    labels: tuple[str, ...],
    probabilities: NDArray[np.float64],
    truth: Sequence[str | None] | None,
    weight: Sequence[float] | NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Probabilities [N, K] as a frame with columns truth, prediction, weight and `p.<label>`.

    `truth` and `prediction` are categorical over `labels`, followed by the classes that occur in the truth
    alone: no model can name those, so they count as mistakes. The prediction is the likeliest class, the
    first in order among equals. Without `truth` (or where it holds None) that column is missing. Weights
    are 1 where none are given. ValueError for shapes that do not fit, VertikitError for probabilities that
    are not numbers.
    """
    import pandas as pd

    table = np.asarray(probabilities, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(labels) or not labels:
        raise ValueError(f"probabilities of shape {table.shape} do not fit {len(labels)} labels")
    for name, values in (("truth", truth), ("weight", weight)):
        if values is not None and len(values) != len(table):
            raise ValueError(f"{name} has {len(values)} values for {len(table)} rows of probabilities")
    bad = int((~np.isfinite(table)).any(axis=1).sum())
    if bad:
        raise VertikitError(
            f"{bad:,} of {len(table):,} predictions are not numbers: training has diverged.",
            "Train again with a lower optimiser.rate.",
        )
    known = set(labels)
    unknown = sorted({value for value in truth if value is not None} - known) if truth is not None else []
    # Indices of plain objects, here and for the columns: a metric that runs a thousand times on resamples
    # reads them several times quicker than Arrow strings.
    categories = pd.Index([*labels, *unknown], dtype=object)
    actual = np.full(len(table), -1)
    if truth is not None:
        actual = categories.get_indexer(pd.Index(np.asarray(truth, object)))
    frame = pd.DataFrame(table, columns=pd.Index(probability_columns(labels), dtype=object))
    frame.insert(0, "weight", np.ones(len(table)) if weight is None else np.asarray(weight, np.float64))
    for name, codes in (("prediction", table.argmax(axis=1)), ("truth", actual)):
        frame.insert(0, name, pd.Series(pd.Categorical.from_codes(codes, categories=categories)))
    return frame


def with_columns(frame: pd.DataFrame, examples: Examples, names: Iterable[str]) -> pd.DataFrame:
    """The frame with those columns of its examples that these have: numbers (times in seconds) or categories."""
    import pandas as pd

    added: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        if name not in examples.table.column_names:
            continue
        kind = str(examples.table.features[name].dtype)
        if kind == "string":
            added[name] = pd.Categorical(examples.values(name))
        else:
            added[name] = examples.numbers(name) / (MICROSECOND if kind == "int64" else 1)
    return frame.assign(**added) if added else frame


def by_name(frame: pd.DataFrame) -> dict[str, Any]:
    """The columns of a frame by their names, as a part reads them that works without pandas too."""
    return {str(name): frame[name] for name in frame.columns}


def probability_matrix(frame: pd.DataFrame, labels: Sequence[str]) -> NDArray[np.float64]:
    """The probabilities [N, K] of a frame, in the order of `labels`; KeyError where a column is missing."""
    names = probability_columns(labels)
    start = frame.columns.get_loc(names[0]) if names else 0
    # The columns of `prediction_frame` stand side by side: a slice costs a quarter of a selection by name.
    if isinstance(start, int) and list(frame.columns[start : start + len(names)]) == names:
        return cast("NDArray[np.float64]", frame.iloc[:, start : start + len(names)].to_numpy(np.float64))
    return cast("NDArray[np.float64]", frame[names].to_numpy(np.float64))


def top_confidence(frame: pd.DataFrame) -> NDArray[np.float64]:
    """[N] the probability of the likeliest class."""
    names = [name for name in frame.columns if isinstance(name, str) and name.startswith(PREFIX)]
    result: NDArray[np.float64] = frame[names].to_numpy(np.float64).max(axis=1, initial=0.0)
    return result


def is_right(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """[N] whether the prediction is the truth."""
    truth = np.asarray(frame["truth"], object)
    return np.asarray(truth == np.asarray(frame["prediction"], object), bool)
