"""Spectra of windows of one sensor: energy by band, and the spectrum of the envelope, in which a damaged bearing shows
by the rate of its knocks (Randall and Antoni, Rolling element bearing diagnostics, 2011)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BANDS = 8
SHORTEST = 64
"""Readings below which a spectrum says next to nothing."""
TINY = 1e-30

SPECTRA = {
    **{
        f"band{at}": f"energy of {{}} in band {at} of {BANDS} of its spectrum (log10)"
        for at in range(1, BANDS + 1)
    },
    "centre": "centre of the spectrum of {} (share of half the sampling rate)",
    "entropy": "entropy of the spectrum of {} (0: one tone, 1: noise)",
    "peak": "strongest frequency of {} (share of half the sampling rate)",
    **{
        f"envelope{at}": f"energy of the envelope of {{}} in band {at} of {BANDS} (log10)"
        for at in range(1, BANDS + 1)
    },
    "envelope_peak": "strongest frequency of the envelope of {} (share of half the sampling rate)",
    "envelope_kurtosis": "kurtosis of the envelope of {}: knocks",
}
"""Name -> what it is, the sensor's name at {}."""


def spectra(x: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """[n] of each of `SPECTRA` for windows [n, L]; NaN for windows of fewer than `SHORTEST` readings, or constant ones.

    The mean is taken off, gaps are filled with it, and a Hann window goes over the rest. Bands divide the spectrum
    evenly, those of the envelope by octaves from the top down: knocks are rare beside what they ring.
    """
    from scipy.signal import hilbert

    if x.shape[1] < SHORTEST:
        return {name: np.full(len(x), np.nan) for name in SPECTRA}
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(x, axis=1) / np.isfinite(x).sum(axis=1)
        away = np.where(np.isfinite(x), x - mean[:, None], 0.0)
    away[~np.isfinite(mean)] = 0.0
    power = _power(away)
    envelope = np.abs(hilbert(away, axis=1))
    envelope -= envelope.mean(axis=1, keepdims=True)
    knocks = _power(envelope)
    found: dict[str, NDArray[np.float64]] = {}
    edges = np.linspace(0, power.shape[1], BANDS + 1).round().astype(int)
    octaves = np.maximum(1, (power.shape[1] * 0.5 ** np.arange(BANDS, -1, -1.0)).round().astype(int))
    octaves[0] = 0
    for at in range(BANDS):
        found[f"band{at + 1}"] = np.log10(power[:, edges[at] : edges[at + 1]].sum(axis=1) + TINY)
        found[f"envelope{at + 1}"] = np.log10(knocks[:, octaves[at] : octaves[at + 1]].sum(axis=1) + TINY)
    share = power / np.maximum(power.sum(axis=1, keepdims=True), TINY)
    place = (np.arange(power.shape[1]) + 1) / power.shape[1]
    found["centre"] = share @ place
    found["entropy"] = -(share * np.log(share + TINY)).sum(axis=1) / np.log(power.shape[1])
    found["peak"] = place[power.argmax(axis=1)]
    found["envelope_peak"] = place[knocks.argmax(axis=1)]
    second = (envelope**2).mean(axis=1)
    found["envelope_kurtosis"] = (envelope**4).mean(axis=1) / np.maximum(second, TINY) ** 2
    flat = ~(away.std(axis=1) > 1e-9 * (np.abs(mean) + 1e-300))
    return {name: np.where(flat, np.nan, found[name]) for name in SPECTRA}


def _power(away: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, F] the power of each frequency but that of 0, summing to about the variance."""
    length = away.shape[1]
    weights = np.hanning(length)
    spectrum = np.fft.rfft(away * weights, axis=1)[:, 1:]
    return np.asarray(2 * np.abs(spectrum) ** 2 / (length * (weights**2).sum()))
