"""Windows on two sides of a split that share readings, or the time that a target looks ahead to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.plugins.splits.made import examples
from vertikit.examples import Fold
from vertikit.prepare.folds import without_shared_readings
from vertikit.windows import Windows


def windowed(starts, length, ahead):
    start = np.array(starts)
    windows = Windows(np.zeros((100, 1)), ("a",), start, start + length, start + length + ahead)
    return replace(examples(["x"] * len(starts)), windows=windows)


def test_a_training_window_that_reaches_into_a_test_window_is_left_out():
    made = windowed([0, 5, 10, 20, 30], length=10, ahead=0)
    fold = Fold(np.array([0, 1, 2]), np.array([3]), np.array([3]), {"test": np.array([4])})
    assert without_shared_readings(fold, made).train.tolist() == [0, 1, 2]
    made = windowed([0, 5, 15, 20, 30], length=10, ahead=0)
    cleared = without_shared_readings(fold, made)
    assert cleared.train.tolist() == [0, 1]
    assert [part.tolist() for part in cleared.outside.values()] == [[2]]


def test_what_a_target_looks_ahead_to_counts_on_both_sides():
    made = windowed([0, 10, 25, 50, 80], length=10, ahead=6)
    fold = Fold(np.array([0, 1]), np.array([3]), np.array([3]), {"test": np.array([2, 4])})
    assert without_shared_readings(fold, made).train.tolist() == [0]


def test_a_validation_window_leaves_for_a_test_window_and_not_the_other_way_round():
    made = windowed([0, 20, 25], length=10, ahead=0)
    fold = Fold(np.array([0]), np.array([1]), np.array([1]), {"test": np.array([2])})
    cleared = without_shared_readings(fold, made)
    assert (cleared.valid.tolist(), cleared.tests["test"].tolist()) == ([], [2])
