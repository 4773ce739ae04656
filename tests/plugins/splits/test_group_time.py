"""No unit on two sides and the test later; blocks where there is an order alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.splits.made import examples, split
from vertikit import UsageError
from vertikit_plugins.splits.blocks import BLOCKS, Blocks
from vertikit_plugins.splits.group_time import GroupTime


def spans(start, length=1.0):
    start = np.asarray(start, float)
    return np.stack([start, start + length], axis=1)


def fleet(units=9, count=60):
    """Units side by side in time, each with a few positives early and late."""
    groups = np.repeat([f"u{at}" for at in range(units)], count)
    classes = np.array(["x" if at % 10 == 3 else "o" for at in range(units * count)], object)
    return classes, groups, spans(np.tile(np.arange(count), units))


def test_units_side_by_side_are_tested_later_and_known_to_no_other_part():
    classes, groups, span = fleet()
    fold = split(GroupTime, classes, groups, span=span)
    learnt = np.concatenate([fold.train, fold.valid])
    assert not set(groups[learnt]) & set(groups[fold.tests["test"]])
    assert not set(groups[fold.train]) & set(groups[fold.valid])
    assert span[learnt, 1].max() < span[fold.tests["test"], 0].min()
    assert {"x", "o"} == set(classes[fold.tests["test"]]) == set(classes[fold.valid])
    used = np.concatenate([learnt, fold.tests["test"], *fold.outside.values()])
    assert sorted(used.tolist()) == list(range(len(classes)))


def test_of_units_that_follow_one_another_the_latest_are_the_test_and_nothing_is_lost():
    groups = np.repeat([f"u{at}" for at in range(10)], 30)
    classes = np.array(["x" if at % 5 == 0 else "o" for at in range(300)], object)
    fold = split(GroupTime, classes, groups, span=spans(np.arange(300) * 10))
    assert set(groups[fold.tests["test"]]) == {"u8", "u9"}
    assert not fold.outside


def test_an_example_across_the_cut_in_time_stands_outside():
    classes, groups, span = fleet()
    span[:, 1] += 20
    fold = split(GroupTime, classes, groups, span=span)
    learnt = np.concatenate([fold.train, fold.valid])
    assert span[learnt, 1].max() < span[fold.tests["test"], 0].min()


def test_it_says_what_it_needs():
    with pytest.raises(UsageError, match="a column of times"):
        split(GroupTime, ["x", "o"] * 20, ["a", "b", "c", "d"] * 10)
    assert not GroupTime().fits(examples(["x"] * 4, ["a", "b", "c", "d"]))
    classes, groups, span = fleet()
    assert GroupTime().fits(examples(classes, groups, span=span))


def test_blocks_are_whole_and_of_neighbours():
    classes = np.array(["x" if at % 7 == 0 else "o" for at in range(480)], object)
    fold = split(Blocks, classes)
    edges = [
        np.flatnonzero(np.diff(np.sort(part)) > 1) for part in (fold.train, fold.valid, fold.tests["test"])
    ]
    assert sum(len(each) + 1 for each in edges) <= BLOCKS
    assert sorted(np.concatenate([fold.train, fold.valid, fold.tests["test"]]).tolist()) == list(range(480))
    assert not Blocks().fits(examples(["x"] * (BLOCKS - 1)))
