from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.plugins.splits.made import examples, parts_of, split
from vertikit import UsageError
from vertikit_plugins.splits.stratified import Stratified

CLASSES = ["a"] * 100 + ["b"] * 60 + ["c"] * 40


def test_every_example_is_in_one_part():
    fold = split(Stratified, CLASSES)
    assert sorted(np.concatenate(parts_of(fold))) == list(range(200))
    assert fold.calibrate.tolist() == fold.valid.tolist()
    assert list(fold.tests) == ["test"]


def test_classes_are_in_every_part_in_proportion():
    fold = split(Stratified, CLASSES, test=0.3, valid=0.15)
    names = np.array(CLASSES)
    assert Counter(names[fold.tests["test"]]) == {"a": 30, "b": 18, "c": 12}
    counts = Counter(names[fold.valid])
    assert all(abs(counts[name] - 0.15 * share) <= 1 for name, share in {"a": 70, "b": 42, "c": 28}.items())


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3, 0.45, 0.8])
def test_shares_come_out_as_asked(share):
    fold = split(Stratified, CLASSES, test=share)
    assert len(fold.tests["test"]) == pytest.approx(200 * share, abs=2)


def test_the_seed_decides_and_nothing_else():
    first, again, other = (split(Stratified, CLASSES, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one, two) for one, two in zip(parts_of(first), parts_of(again), strict=True))
    assert not np.array_equal(first.train, other.train)


def test_which_rows_are_held_out_does_not_depend_on_the_order_of_the_file():
    held = np.concatenate([split(Stratified, ["a"] * 100, seed=seed).tests["test"] for seed in range(200)])
    halves = np.bincount(held // 50)
    assert halves[0] == pytest.approx(halves[1], rel=0.1)


def test_classes_of_four_rows_are_learnt_validated_and_tested():
    classes = [f"c{at % 24}" for at in range(96)]
    fold = split(Stratified, classes)
    assert all(len({classes[at] for at in part}) == 24 for part in parts_of(fold))


def test_a_class_of_two_rows_has_one_to_learn_and_one_to_test():
    fold = split(Stratified, ["a"] * 50 + ["b"] * 2)
    assert [sum(at >= 50 for at in part) for part in parts_of(fold)] == [1, 0, 1]


def test_a_class_of_one_row_is_learnt():
    fold = split(Stratified, ["a"] * 50 + ["b"])
    assert 50 in fold.train


def test_a_class_of_ten_rows_has_two_to_validate():
    fold = split(Stratified, ["a"] * 200 + ["b"] * 10)
    assert sum(at >= 200 for at in fold.valid) == 2


def test_groups_and_parts_of_the_user_do_not_fit():
    assert not Stratified().fits(examples(["a"] * 4, groups=["p", "p", "q", None]))
    assert Stratified().fits(examples(["a"] * 4, groups=["p", None, "q", None]))
    assert not Stratified().fits(examples(["a"] * 2, parts=["", "test"]))
    with pytest.raises(UsageError, match="divide the rows of a group"):
        split(Stratified, ["a"] * 4, groups=["p", "p", "q", None])
    with pytest.raises(UsageError, match="--valid and --test"):
        split(Stratified, ["a"] * 2, parts=["", "test"])


def test_two_rows_are_too_few_for_three_parts():
    with pytest.raises(UsageError, match="too few"):
        split(Stratified, ["a", "b"])
