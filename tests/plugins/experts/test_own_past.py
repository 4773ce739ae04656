"""A window beside its unit's past: what counts as past, what is remembered, and files in pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plugins.experts.test_signal import TASK
from tests.plugins.splits.made import examples
from vertikit import UsageError
from vertikit.windows import Windows
from vertikit_plugins.experts.own_past import OwnPast

SIZE = 6


def windowed(levels, units=None, begin=None, overlap=0):
    """Windows of two sensors, the first at these levels; a window lasts SIZE seconds."""
    random = np.random.default_rng(0)
    count = len(levels)
    readings = random.normal(size=(count * SIZE, 2))
    readings[:, 0] += np.repeat(levels, SIZE)
    start = np.arange(count) * SIZE
    first = np.arange(count) * float(SIZE - overlap) if begin is None else np.asarray(begin, float)
    times = np.stack([first, first + SIZE - 1], axis=1)
    made = examples(["x"] * count, groups=units or ["u"] * count, span=times)
    windows = Windows(
        readings, ("a", "b"), start, start + SIZE, start + SIZE, rows=np.arange(count * SIZE), times=times
    )
    return replace(made, windows=windows)


def asked(expert, made):
    assert expert.begin(TASK, ("a", "b")) == ""
    return expert.features(made, None)


def test_a_jump_of_level_shows_and_the_first_windows_say_nothing():
    found = asked(OwnPast(least=5), windowed([0.0] * 20 + [9.0]))
    assert np.isnan(found["a.own_mean"][:5]).all()
    assert np.isfinite(found["a.own_mean"][5:]).all()
    assert found["a.own_mean"][20] > 5
    assert np.abs(found["a.own_mean"][6:20]).max() < 5


def test_a_unit_s_own_level_is_no_matter():
    low, high = windowed([0.0] * 20), windowed([1000.0] * 20)
    np.testing.assert_allclose(
        asked(OwnPast(), low)["a.own_mean"], asked(OwnPast(), high)["a.own_mean"], atol=1e-6
    )


def test_windows_that_overlap_are_not_their_own_past():
    made = windowed([0.0] * 12, overlap=3)
    found = asked(OwnPast(least=5), made)["a.own_mean"]
    assert np.isnan(found[:6]).all()
    changed = windowed([0.0] * 12, overlap=3)
    changed.windows.readings[5 * SIZE : 6 * SIZE] += 50
    other = asked(OwnPast(least=5), changed)["a.own_mean"]
    assert other[6] == found[6]
    assert other[7] != found[7]


def test_another_unit_is_no_past():
    alone = asked(OwnPast(), windowed([0.0] * 20))["a.own_mean"]
    units = [name for _ in range(20) for name in ("u", "v")]
    both = windowed(np.repeat([0.0] * 20, 2), units=units)
    both.windows.readings[:] = np.repeat(
        windowed([0.0] * 20).windows.readings.reshape(20, SIZE, 2), 2, axis=0
    ).reshape(-1, 2)
    found = asked(OwnPast(), both)["a.own_mean"]
    # The windows of the two units take turns in time, so each has the same past as alone.
    np.testing.assert_allclose(found[::2][5:], alone[5:], atol=1e-12)


@pytest.mark.parametrize("cuts", [[7], [3, 11, 12]])
def test_a_file_in_pieces_gives_what_the_whole_gives(cuts):
    made = windowed(np.random.default_rng(1).normal(size=20))
    whole = asked(OwnPast(), made)["a.own_mean"]
    expert = OwnPast()
    expert.begin(TASK, ("a", "b"))
    found = []
    for part in np.split(np.arange(20), cuts):
        piece = made.take(part)
        found.append(expert.features(piece, None)["a.own_mean"])
        expert.remember(piece, None)
        expert.remember(piece, None)  # a file given twice changes nothing
        fresh = OwnPast()
        fresh.begin(TASK, ("a", "b"))
        fresh.load(expert.state())
        expert = fresh
    np.testing.assert_allclose(np.concatenate(found), whole, atol=1e-9)


def test_what_comes_later_changes_nothing_earlier():
    made = windowed(np.random.default_rng(1).normal(size=20))
    early = asked(OwnPast(), made.take(np.arange(10)))["a.own_mean"]
    np.testing.assert_array_equal(early, asked(OwnPast(), made)["a.own_mean"][:10])


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UsageError):
        OwnPast(windows=3, least=5)
