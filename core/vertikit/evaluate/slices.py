"""The same metrics for each part of the rows: by sex, by site, by whatever the caller names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.measuring import measure, take

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MISSING = "missing"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def slice_metrics(
    frame: pd.DataFrame,
    slices: Mapping[str, NDArray[np.object_]],
    metrics: Mapping[str, Metric],
    context: MetricContext,
    groups: NDArray[np.object_] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    min_rows: int = 10,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Slicing column -> value -> {"rows": count, metric: {"value", "ci95"}, ...}.

    Each array of `slices` [N] holds a row's value; rows without one are the slice "missing". A slice of
    fewer than `min_rows` rows has its count and "why": "too few" instead of metrics: it would show
    chance, and could point at single persons.
    """
    return {
        name: {
            value: _one(frame, np.flatnonzero(place), metrics, context, groups, resamples, seed, min_rows)
            for value, place in _places(values)
        }
        for name, values in slices.items()
    }


def _one(
    frame: pd.DataFrame,
    rows: NDArray[np.int64],
    metrics: Mapping[str, Metric],
    context: MetricContext,
    groups: NDArray[np.object_] | None,
    resamples: int,
    seed: int,
    min_rows: int,
) -> dict[str, Any]:
    if len(rows) < min_rows:
        return {"rows": len(rows), "why": "too few"}
    inside = None if groups is None else groups[rows]
    measured = measure(take(frame, rows), metrics, context, groups=inside, resamples=resamples, seed=seed)
    return {"rows": len(rows), **measured}


def _places(values: NDArray[np.object_]) -> list[tuple[str, NDArray[np.bool_]]]:
    """The values in order, each with where it stands; bands by their numbers, "missing" at the end."""
    import pandas as pd

    lacking = pd.isna(np.asarray(values, object))
    words = np.array(
        [MISSING if lost else str(value) for value, lost in zip(values, lacking, strict=True)], object
    )
    return [(word, np.asarray(words == word, bool)) for word in sorted(set(words), key=_place)]


def _place(word: str) -> tuple[bool, bool, float, str]:
    number = _NUMBER.search(word) if word[:1].isdigit() or word[:1] in "<>-" else None
    lower = -np.inf if word.startswith("<") else float(number.group()) if number else np.inf
    return word == MISSING, number is None, lower, word
