from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.splits.made import split
from vertikit import UsageError
from vertikit_plugins.splits.grouped import Grouped
from vertikit_plugins.splits.unseen import KNOWN, Unseen

RANDOM = np.random.default_rng(0)
GROUPS = [f"q{at}" for at in range(40) for _ in range(int(RANDOM.integers(4, 20)))]
CLASSES = RANDOM.choice(["0", "1", "2"], len(GROUPS), p=[0.5, 0.3, 0.2]).tolist()


def test_the_test_knows_no_group_and_the_further_test_none_that_is_new():
    fold = split(Unseen, CLASSES, GROUPS)
    known = {GROUPS[at] for at in fold.train}
    assert not known & {GROUPS[at] for at in fold.tests["test"]}
    assert not known & {GROUPS[at] for at in fold.valid}
    further = {GROUPS[at] for at in fold.tests[KNOWN]}
    assert len(further & known) / len(further) > 0.95
    everything = np.concatenate([fold.train, fold.valid, *fold.tests.values()])
    assert sorted(everything) == list(range(len(GROUPS)))


def test_only_training_pays_for_the_further_test():
    plain, fold = split(Grouped, CLASSES, GROUPS), split(Unseen, CLASSES, GROUPS)
    assert np.array_equal(plain.tests["test"], fold.tests["test"])
    assert np.array_equal(plain.valid, fold.valid)
    assert len(fold.tests[KNOWN]) / len(plain.train) == pytest.approx(0.1, abs=0.03)


def test_without_groups_it_names_itself():
    with pytest.raises(UsageError, match="the split 'unseen' needs a group column"):
        split(Unseen, CLASSES, None)
