from __future__ import annotations

import pytest

from tests.plugins.splits.made import examples, split
from vertikit import UsageError
from vertikit_plugins.splits.official import Official


def test_parts_are_taken_as_given():
    parts = [""] * 5 + ["valid"] * 2 + ["test"] * 2 + ["clinic"]
    fold = split(Official, list("ab" * 5), parts=parts)
    assert fold.train.tolist() == [0, 1, 2, 3, 4]
    assert fold.valid.tolist() == fold.calibrate.tolist() == [5, 6]
    assert {name: test.tolist() for name, test in fold.tests.items()} == {"test": [7, 8], "clinic": [9]}


def test_validation_is_held_out_of_training_where_only_a_test_is_given():
    fold = split(Official, [*list("ab" * 50), "a", "b"], parts=[""] * 100 + ["test"] * 2)
    assert len(fold.valid) == 16 or len(fold.valid) == 14
    assert sorted([*fold.train, *fold.valid]) == list(range(100))
    assert fold.tests["test"].tolist() == [100, 101]


def test_the_test_is_held_out_of_training_where_only_validation_is_given():
    fold = split(Official, [*list("ab" * 50), "a", "b"], parts=[""] * 100 + ["valid"] * 2)
    assert len(fold.tests["test"]) == 20
    assert fold.valid.tolist() == [100, 101]


def test_a_further_test_does_not_stand_for_the_plain_one():
    fold = split(Official, [*list("ab" * 50), "a", "b"], parts=[""] * 100 + ["clinic"] * 2)
    assert len(fold.tests["test"]) == 20
    assert fold.tests["clinic"].tolist() == [100, 101]


def test_groups_stay_whole_in_what_is_held_out():
    groups = [f"p{at // 5}" for at in range(100)] + ["x", "y"]
    fold = split(Official, [*list("ab" * 50), "a", "b"], groups, [""] * 100 + ["test"] * 2)
    assert not {groups[at] for at in fold.train} & {groups[at] for at in fold.valid}


def test_four_rows_a_class_with_a_test_of_its_own():
    classes = [f"c{at % 24}" for at in range(96 + 24)]
    fold = split(Official, classes, parts=[""] * 96 + ["test"] * 24)
    assert len({classes[at] for at in fold.train}) == len({classes[at] for at in fold.valid}) == 24


def test_it_needs_parts():
    assert not Official().fits(examples(["a"]))
    with pytest.raises(UsageError, match="needs parts of your own"):
        split(Official, ["a"])
