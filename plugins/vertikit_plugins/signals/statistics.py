"""Statistics of windows of one sensor, gaps left out: level, spread, shape, trend, and peaks as condition monitoring
has them (Randall, Vibration-based Condition Monitoring, 2011, chapter 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STATISTICS = {
    "mean": "mean of {}",
    "last": "last reading of {}",
    "lowest": "lowest reading of {}",
    "highest": "highest reading of {}",
    "spread": "standard deviation of {}",
    "trend": "change of {} over the window (least squares)",
    "roughness": "mean step between neighbouring readings of {}",
    "rms": "root mean square of {}",
    "peak_to_peak": "peak-to-peak of {}",
    "crest": "crest factor of {} (highest deviation over RMS of deviations)",
    "kurtosis": "kurtosis of {}",
    "skewness": "skewness of {}",
    "missing": "share of readings of {} that are missing",
}
"""Name -> what it is, the sensor's name at {}."""
FLAT = 1e-9
"""A spread below this part of the level is that of a constant, which has no shape."""


def statistics(x: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """[n] of each of `STATISTICS` for windows [n, L], NaN where fewer than two readings are there.

    Kurtosis is the fourth standardised moment (3 for a normal distribution); `trend` the slope times L - 1.
    """
    known = np.isfinite(x)
    count = known.sum(axis=1)
    filled = np.where(known, x, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=1) / count
        away = np.where(known, x - mean[:, None], 0.0)
        second = (away**2).sum(axis=1) / count
        spread = np.sqrt(second)
        flat = ~(spread > FLAT * (np.abs(mean) + 1e-300))
        place = np.arange(x.shape[1], dtype=np.float64)
        middle = (known * place).sum(axis=1) / count
        along = np.where(known, place - middle[:, None], 0.0)
        slope = (along * away).sum(axis=1) / (along**2).sum(axis=1)
        both = known[:, 1:] & known[:, :-1]
        steps = np.where(both, np.abs(np.diff(filled, axis=1)), 0.0).sum(axis=1) / both.sum(axis=1)
        lowest = np.where(known, x, np.inf).min(axis=1)
        highest = np.where(known, x, -np.inf).max(axis=1)
        last = x[np.arange(len(x)), x.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)]
        shape = np.where(flat, np.nan, second)
        found = {
            "mean": mean,
            "last": last,
            "lowest": lowest,
            "highest": highest,
            "spread": spread,
            "trend": slope * (x.shape[1] - 1),
            "roughness": steps,
            "rms": np.sqrt((filled**2).sum(axis=1) / count),
            "peak_to_peak": highest - lowest,
            "crest": np.abs(away).max(axis=1) / np.sqrt(shape),
            "kurtosis": (away**4).sum(axis=1) / count / shape**2,
            "skewness": (away**3).sum(axis=1) / count / shape**1.5,
        }
    found = {name: np.where(count >= 2, values, np.nan) for name, values in found.items()}
    return {**found, "missing": 1.0 - count / x.shape[1]}
