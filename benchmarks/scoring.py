"""Macro-F1 with its interval: one function for the kit and for everyone it is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

RESAMPLES = 1000


def macro_f1(
    truth: Sequence[str], predicted: Sequence[str], groups: Sequence[object] | None = None
) -> dict[str, object]:
    """Value and 95 % percentile interval of 1,000 resamples of rows, or of groups where there are any.

    The mean is over the classes that occur in truth or prediction, as in scikit-learn.
    """
    from vertikit.evaluate.resampling import resampled_rows

    codes, names = pd.factorize(np.concatenate([np.asarray(truth, object), np.asarray(predicted, object)]))
    true, said = np.split(codes, 2)
    units = None if groups is None else np.asarray(groups, object)
    draws = [
        _score(true[rows], said[rows], len(names))
        for rows in resampled_rows(len(true), units, resamples=RESAMPLES, seed=0)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "macro_f1": round(_score(true, said, len(names)), 4),
        "ci95": [round(float(low), 4), round(float(high), 4)],
    }


def paired_difference(
    truth: Sequence[str],
    predicted: Sequence[str],
    other: Sequence[str],
    groups: Sequence[object] | None = None,
) -> dict[str, object]:
    """Macro-F1 of `predicted` above that of `other` on the same rows, in points, with its interval by the same
    resamples of both."""
    from vertikit.evaluate.resampling import resampled_rows

    columns = [np.asarray(each, object) for each in (truth, predicted, other)]
    codes, names = pd.factorize(np.concatenate(columns))
    true, said, says = np.split(codes, 3)

    def above(rows: np.ndarray) -> float:
        mine, theirs = (_score(true[rows], each[rows], len(names)) for each in (said, says))
        return 100 * (mine - theirs)

    units = None if groups is None else np.asarray(groups, object)
    draws = [above(rows) for rows in resampled_rows(len(true), units, resamples=RESAMPLES, seed=0)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "points": round(above(np.arange(len(true))), 2),
        "ci95": [round(float(low), 2), round(float(high), 2)],
    }


def _score(true: np.ndarray, said: np.ndarray, classes: int) -> float:
    hits = np.bincount(true[true == said], minlength=classes)
    size = np.bincount(true, minlength=classes) + np.bincount(said, minlength=classes)
    return float((2 * hits[size > 0] / size[size > 0]).mean())
