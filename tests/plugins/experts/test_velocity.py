from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Card, Flag, Group, Id, Number, Protocol, Task, Time, UsageError, VertikitError
from vertikit.examples import Examples
from vertikit_plugins.experts.velocity import Velocity

DAY = 86_400_000_000
TASK = Task(
    name="toy/payments",
    summary="Pays.",
    columns=(Time("time"), Number("amount"), Group("card"), Id("id"), Flag("fraud", negative="genuine")),
    protocol=Protocol(splits=("time",), primary="ks", metrics=(), baselines=(), why=""),
    card=Card(intended_use="", population="", limits=""),
)
PRESENT = ("time", "amount", "card", "id")


def made(days, cards, amounts=None, ids=None) -> Examples:
    count = len(days)
    table = {
        "time": [round(day * DAY) for day in days],
        "amount": amounts or [10.0] * count,
        "card": cards,
        "id": ids or [f"p{at}-{days[at]}" for at in range(count)],
    }
    return Examples(
        Dataset.from_dict(table),
        np.arange(1, count + 1),
        np.full(count, "a.csv", object),
        np.full(count, "", object),
        span=np.zeros((count, 2)),
    )


def expert(present=PRESENT, **options) -> Velocity:
    made = Velocity(amount="amount", **options)
    assert made.begin(TASK, present) == ""
    return made


def test_it_gives_what_it_promises():
    velocity = expert()
    found = velocity.features(made([1, 2], ["a", "a"]), None)
    assert list(found) == [column.name for column in velocity.columns()]
    assert found["card_count_7d"].tolist() == [1, 2] and found["card_since"].tolist()[1] == 24
    assert np.isnan(found["card_since"][0]) and found["card_ratio"][1] == 1


def test_a_share_of_frauds_is_of_labels_that_are_known_by_then():
    truth = np.array(["fraud", "genuine", None, None], object)
    found = expert().features(made([1, 2, 7.9, 9.5], ["a"] * 4), truth)
    assert found["card_risk_30d"].tolist() == [0, 0, 0, 0.5]


def test_what_is_remembered_counts_and_is_not_counted_twice():
    velocity = expert()
    first = made([1, 2, 3], ["a", "a", "b"])
    velocity.remember(first, None)
    again = velocity.features(first, None)
    assert again["card_count_7d"].tolist() == [1, 2, 1]
    assert velocity.features(made([4], ["a"], ids=["new"]), None)["card_count_7d"].tolist() == [3]
    other = Velocity(amount="amount")
    other.begin(TASK, PRESENT)
    other.load(velocity.state())
    assert other.features(made([4], ["a"], ids=["new"]), None)["card_count_7d"].tolist() == [3]


def test_the_same_id_for_another_payment_is_another_payment():
    velocity = expert()
    velocity.remember(made([1], ["a"], ids=["p1"]), None)
    assert velocity.features(made([2], ["a"], ids=["p1"]), None)["card_count_7d"].tolist() == [2]


def test_names_are_not_kept():
    velocity = expert()
    velocity.remember(made([1], ["4929-1111"]), None)
    state = velocity.state()
    assert "4929" not in str(state.tree) and all(each.dtype == np.int64 for each in state.arrays.values())


def test_without_a_time_or_an_entity_it_says_so_and_adds_nothing():
    assert Velocity().begin(TASK, ("amount", "card")) == "the data has no time"
    assert Velocity().begin(TASK, ("amount", "time")) == "the data has none of card"


def test_amounts_that_cannot_be_summed_exactly_are_one_line():
    with pytest.raises(VertikitError, match="amount is beyond"):
        expert().features(made([1], ["a"], [1e14]), None)


def test_a_span_that_is_none_is_one_line():
    with pytest.raises(UsageError, match="'a week' is no duration"):
        Velocity(spans=("a week",))


def test_worked_through_in_parts_it_says_the_same(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(0)
    cards = [None if random.random() < 0.05 else f"c{at}" for at in random.integers(0, 40, 500)]
    examples = made(
        np.sort(random.random(500) * 60).round(3).tolist(), cards, random.lognormal(3, 1, 500).tolist()
    )
    truth = np.where(random.random(500) < 0.2, "fraud", "genuine").astype(object)
    whole = dict(expert().features(examples, truth))
    monkeypatch.setattr("vertikit_plugins.experts.velocity.ROWS_AT_ONCE", 37)
    monkeypatch.setattr("vertikit_plugins.experts.velocity.PIECE", 11)
    for name, values in expert().features(examples, truth).items():
        assert np.array_equal(values, whole[name], equal_nan=True), name
    assert np.isnan(whole["card_count_1d"]).sum() == cards.count(None)
