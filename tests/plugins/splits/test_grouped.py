from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.plugins.splits.made import examples, parts_of, split
from vertikit import UsageError
from vertikit_plugins.splits.grouped import Grouped

RANDOM = np.random.default_rng(0)
SIZES = RANDOM.integers(1, 10, 120)
GROUPS = [f"p{at}" for at, size in enumerate(SIZES) for _ in range(size)]
CLASSES = RANDOM.choice(["a", "b", "c"], len(GROUPS), p=[0.6, 0.3, 0.1]).tolist()


def test_no_group_is_on_two_sides_and_no_example_is_lost():
    fold = split(Grouped, CLASSES, GROUPS)
    sides = [{GROUPS[at] for at in part} for part in parts_of(fold)]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    assert sorted(np.concatenate(parts_of(fold))) == list(range(len(GROUPS)))


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2, 0.3])
def test_shares_and_classes_come_out_near_what_is_asked(share):
    held = split(Grouped, CLASSES, GROUPS, test=share).tests["test"]
    assert len(held) / len(GROUPS) == pytest.approx(share, abs=0.02)
    all_counts, counts = Counter(CLASSES), Counter(CLASSES[at] for at in held)
    assert all(counts[name] / all_counts[name] == pytest.approx(share, abs=0.06) for name in "abc")


def test_large_groups_are_on_every_side():
    large = {f"p{at}" for at, size in enumerate(SIZES) if size >= 8}
    fold = split(Grouped, CLASSES, GROUPS, test=0.2)
    held = len({GROUPS[at] for at in fold.tests["test"]} & large) / len(large)
    assert held == pytest.approx(0.2, abs=0.1)


def test_examples_without_a_group_are_groups_of_their_own():
    fold = split(Grouped, ["a"] * 100, [None] * 90 + ["p"] * 10)
    assert min(map(len, parts_of(fold))) > 5
    assert sum(bool(set(range(90, 100)) & set(part.tolist())) for part in parts_of(fold)) == 1


def test_every_class_is_learnt_even_one_that_a_single_group_has():
    fold = split(Grouped, ["a"] * 40 + ["b"] * 5, [f"p{at // 2}" for at in range(40)] + ["q"] * 5)
    assert set(range(40, 45)) <= set(fold.train.tolist())


def test_a_group_with_most_of_the_rows_stays_whole():
    fold = split(Grouped, ["a", "b"] * 40, ["big"] * 60 + [f"p{at}" for at in range(20)])
    assert set(range(60)) <= set(fold.train.tolist())
    assert min(map(len, parts_of(fold))) >= 1


def test_it_does_not_fit_without_groups_with_too_few_or_with_parts():
    assert Grouped().fits(examples(["a"] * 3, groups=["p", "q", "r"]))
    for groups, parts, reason in [
        (None, None, "needs a group column"),
        (["p", "q", "q"], None, "this data has 2"),
        (["p", "q", "r"], ["", "", "test"], "--valid and --test"),
    ]:
        assert not Grouped().fits(examples(["a"] * 3, groups, parts))
        with pytest.raises(UsageError, match=reason):
            split(Grouped, ["a"] * 3, groups, parts)
