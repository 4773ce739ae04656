"""Resamples of the examples: of rows, or of whole groups where examples belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices

MIN_UNITS = 10
"""With fewer rows or groups than this a bootstrap interval is far too narrow, so none is given."""


def group_codes(groups: NDArray[np.object_]) -> Indices:
    """[N] a number per group; a row whose group is missing is a group of its own."""
    import pandas as pd

    codes, known = pd.factorize(np.asarray(groups, object))
    missing = codes < 0
    result: Indices = codes.astype(np.int64)
    result[missing] = len(known) + np.arange(int(missing.sum()))
    return result


def unit_count(rows: int, groups: NDArray[np.object_] | None) -> int:
    """How many independent units there are: groups where they are given, else rows."""
    return rows if groups is None else len(np.unique(group_codes(groups)))


def resampled_rows(
    rows: int, groups: NDArray[np.object_] | None, *, resamples: int, seed: int
) -> Iterator[Indices]:
    """Row positions of each resample, in rising order; the same arguments give the same resamples.

    Rows are drawn with replacement, as many as there are (Efron 1979, The Annals of Statistics 7:1-26).
    With groups [N], whole groups are drawn with replacement, as many as there are, and all their rows
    come with them (the cluster bootstrap: Davison and Hinkley 1997, Bootstrap Methods, section 3.8).
    """
    random = np.random.default_rng(seed)
    if groups is None:
        for _ in range(resamples):
            yield np.sort(random.integers(0, rows, rows))
        return
    codes = group_codes(groups)
    units = int(codes.max(initial=-1)) + 1
    for _ in range(resamples):
        drawn = np.bincount(random.integers(0, units, units), minlength=units)
        yield np.repeat(np.arange(rows), drawn[codes])
