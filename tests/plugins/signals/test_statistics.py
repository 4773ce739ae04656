"""Statistics and spectra of windows, held against numpy and scipy and against signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from vertikit_plugins.signals.spectra import SPECTRA, spectra
from vertikit_plugins.signals.statistics import STATISTICS, statistics


def test_statistics_are_those_of_numpy_and_scipy():
    x = np.random.default_rng(0).normal(3, 2, (5, 40)) ** 3
    found = statistics(x)
    assert set(found) == set(STATISTICS)
    np.testing.assert_allclose(found["spread"], x.std(axis=1))
    np.testing.assert_allclose(found["kurtosis"], stats.kurtosis(x, axis=1, fisher=False))
    np.testing.assert_allclose(found["skewness"], stats.skew(x, axis=1))
    np.testing.assert_allclose(found["rms"], np.sqrt((x**2).mean(axis=1)))
    np.testing.assert_allclose(found["trend"], [np.polyfit(np.arange(40), each, 1)[0] * 39 for each in x])
    np.testing.assert_allclose(
        found["crest"], np.abs(x - x.mean(axis=1, keepdims=True)).max(axis=1) / x.std(axis=1)
    )


def test_gaps_are_left_out_and_counted():
    whole = np.array([[1.0, 5.0, 2.0, 8.0]])
    gappy = np.array([[1.0, np.nan, 5.0, 2.0, 8.0, np.nan, np.nan, np.nan]])
    found, known = statistics(gappy), statistics(whole)
    for name in ("mean", "last", "lowest", "highest", "spread", "rms", "peak_to_peak", "kurtosis"):
        np.testing.assert_allclose(found[name], known[name], err_msg=name)
    assert found["missing"].tolist() == [0.5]


def test_a_constant_has_no_shape_and_nothing_at_all_has_no_numbers():
    found = statistics(np.array([[7.0] * 6, [np.nan] * 6]))
    assert found["mean"][0] == 7.0
    assert np.isnan([found[name][0] for name in ("kurtosis", "skewness", "crest")]).all()
    assert np.isnan([found[name][1] for name in STATISTICS if name != "missing"]).all()


def test_a_tone_has_its_energy_in_its_band():
    at = np.arange(256)
    found = spectra(np.sin(2 * np.pi * 0.40 * at)[None])
    assert (
        max((name for name in SPECTRA if name.startswith("band")), key=lambda name: found[name][0]) == "band7"
    )
    assert found["peak"][0] == pytest.approx(0.8, abs=0.02)


def test_knocks_show_by_their_rate_in_the_envelope_and_not_in_the_spectrum():
    at = np.arange(2048)
    ringing = np.sin(2 * np.pi * 0.3 * at) * np.exp(-(at % 64) / 6.0)
    found = spectra(ringing[None] + 0.01 * np.random.default_rng(0).normal(size=(1, 2048)))
    assert found["peak"][0] == pytest.approx(0.6, abs=0.05)
    assert found["envelope_peak"][0] == pytest.approx(2 / 64, abs=0.003)


def test_short_and_constant_windows_have_no_spectrum():
    assert all(
        np.isnan(values).all() for values in spectra(np.random.default_rng(0).normal(size=(2, 16))).values()
    )
    assert all(np.isnan(values).all() for values in spectra(np.full((1, 64), 3.0)).values())
