"""The scale of each window: a series is foretold in units of its own recent past, and put back afterwards."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Normalise = Literal["window", "last", "series"]
FLOOR = 0.01
"""Of a series' deviation: the least that a window counts as its own, so that a flat one is not blown up."""


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Readings [B, L] with gaps closed: the last reading before, else the first after; 0 where there is none."""
    known = np.isfinite(values)
    places = np.where(known, np.arange(values.shape[1]), -1)
    before = np.maximum.accumulate(places, axis=1)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    taken = np.where(before < 0, first[:, None], before)
    found = np.take_along_axis(values, taken, axis=1)
    return np.where(np.isfinite(found), found, 0.0)


def scales(
    values: NDArray[np.float64],
    means: NDArray[np.float64],
    deviations: NDArray[np.float64],
    normalise: Normalise,
) -> NDArray[np.float64]:
    """[B, 3] location, scale and the series' deviation of windows [B, L], NaN where missing.

    "window" is reversible instance normalisation (Kim et al. 2022, ICLR): the window's own mean and deviation; "last"
    its last reading, as in NLinear (Zeng et al. 2023, AAAI); "series" the mean and deviation of its series in training,
    [B] each, NaN for one that training had not: then the window's own.
    """
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, values, 0.0).sum(axis=1) / count
    spread = np.sqrt((np.where(known, values - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    unit = np.where(np.isfinite(deviations), deviations, np.where(spread > 0, spread, 1.0))
    own = np.sqrt(spread**2 + (FLOOR * unit) ** 2)
    if normalise == "window":
        return np.stack([mean, own, unit], axis=1)
    if normalise == "last":
        return np.stack([filled(values)[:, -1], unit, unit], axis=1)
    return np.stack([np.where(np.isfinite(means), means, mean), unit, unit], axis=1)
