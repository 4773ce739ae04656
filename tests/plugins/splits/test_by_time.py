from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.splits.made import split
from vertikit import UsageError
from vertikit.examples import Fold
from vertikit_plugins.splits.by_time import ByTime

DAY = 86_400.0
RANDOM = np.random.default_rng(3)
DAYS = np.sort(RANDOM.uniform(0, 40, 800))
CLASSES = np.where(RANDOM.random(800) < 0.05, "fraud", "genuine").astype(object)
CARDS = [f"c{at}" for at in RANDOM.integers(0, 60, 800)]


def made(groups: list[str] | None = None, days=DAYS, **options) -> Fold:
    times = np.asarray(days, float) * DAY
    return split(lambda: ByTime(**options), CLASSES[: len(times)], groups, span=np.stack([times, times], 1))


def test_the_test_is_later_than_training_by_the_gap_and_no_row_is_lost():
    fold = made(gap="7d")
    last, first = DAYS[np.concatenate([fold.train, fold.valid])].max(), DAYS[fold.tests["test"]].min()
    assert first - last >= 7
    assert DAYS[fold.valid].min() >= DAYS[fold.train].max()
    everything = np.concatenate([fold.train, fold.valid, *fold.tests.values(), *fold.outside.values()])
    assert sorted(everything) == list(range(800))
    assert 0.15 < len(fold.tests["test"]) / 800 < 0.3


def test_spans_stand_in_for_shares():
    fold = made(gap="5d", train_span="10d", test_span="6d", valid_span="2d")
    assert DAYS[fold.tests["test"]].min() >= 34 and DAYS[fold.train].min() >= 19
    assert DAYS[fold.valid].min() >= 27 and DAYS[fold.valid].max() < 29
    assert any("histories" in why for why in fold.outside)


def test_a_card_known_to_be_compromised_is_not_tested_any_more():
    fold = made(CARDS, gap="7d", known="fraud")
    learnt = np.concatenate([fold.train, fold.valid])
    frauds = {CARDS[at] for at in learnt if CLASSES[at] == "fraud"}
    assert frauds and not frauds & {CARDS[at] for at in fold.tests["test"]}
    (blocked,) = (part for why, part in fold.outside.items() if "known" in why)
    # Found in the gap: blocked from the day on which the label is known, and not before.
    for at in blocked:
        before = [DAYS[each] for each in range(800) if CARDS[each] == CARDS[at] and CLASSES[each] == "fraud"]
        assert np.floor(min(each for each in before if each >= np.floor(DAYS[learnt.min()]))) + 7 < np.floor(
            DAYS[at]
        )


def test_rows_without_a_time_stand_on_no_side():
    days = DAYS.copy()
    days[5] = np.nan
    fold = made(days=days)
    (lost,) = (part for why, part in fold.outside.items() if "without a time" in why)
    assert lost.tolist() == [5]


def test_a_gap_longer_than_the_data_is_one_line():
    with pytest.raises(UsageError, match="no row is older than the gap of 90 days"):
        made(gap="90d")


def test_without_times_it_says_what_it_needs():
    with pytest.raises(UsageError, match="the split 'time' needs a column of times"):
        split(ByTime, CLASSES, None)
