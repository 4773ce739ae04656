from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vertikit.contracts import Metric
from vertikit.evaluate.bars import judged_bars
from vertikit.protocol import Bar

METRICS = {
    "qwk": Metric(lambda *_: 0.0),
    "smd": Metric(lambda *_: 0.0, higher_is_better=False),
}


def results(**more: Any) -> dict[str, Any]:
    return {"test": {"qwk": {"value": 0.72}, "smd": {"value": 0.2}}, **more}


def judged(bar: Bar, found: dict[str, Any]) -> dict[str, Any]:
    (entry,) = judged_bars([bar], found, METRICS)
    return entry


def test_a_bar_is_at_least_or_at_most_as_its_metric_says() -> None:
    assert judged(Bar(metric="qwk", limit=0.7), results())["passed"] is True
    entry = judged(Bar(metric="smd", limit=0.15), results())
    assert entry["passed"] is False and entry["bar"] == "SMD at most 0.15" and entry["value"] == 0.2


@pytest.mark.parametrize(("human", "passed"), [(0.8, True), (0.9, False), (0.5, True)])
def test_against_a_second_opinion_counts_what_is_lost_to_it(human: float, passed: bool) -> None:
    second = {"model": {"qwk": {"value": 0.72}}, "second": {"qwk": {"value": human}}}
    entry = judged(Bar(metric="qwk", limit=0.1, against="second"), results(second=second))
    assert entry["passed"] is passed
    assert entry["value"] == pytest.approx(human - 0.72)


def test_in_slices_the_worst_one_counts_and_is_named() -> None:
    slices = {"group": {"a": {"smd": {"value": 0.05}}, "b": {"smd": {"value": 0.3}}, "c": {"why": "too few"}}}
    entry = judged(Bar(metric="smd", limit=0.1, against="slices"), results(slices=slices))
    assert entry["passed"] is False and entry["where"] == "group b"


def test_what_cannot_be_judged_is_neither_passed_nor_failed_and_says_why() -> None:
    for against, why in (("second", "no second grader"), ("slices", "no groups")):
        entry = judged(Bar(metric="qwk", limit=0.1, against=against), results())  # type: ignore[arg-type]
        assert entry["passed"] is None and why in entry["why"]
    entry = judged(Bar(metric="qwk", limit=0.7), {"test": {"qwk": {"value": None}}})
    assert entry["passed"] is None and np.isfinite(entry["limit"])
