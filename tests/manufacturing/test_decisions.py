"""Alarm, watch or run, whichever costs least."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit import UsageError
from vertikit.evaluate.frame import prediction_frame
from vertikit_manufacturing.decisions import AlarmWatchRun

LABELS = ("sound", "fault")


def framed(scores, truth=None):
    scores = np.asarray(scores, float)
    said = None if truth is None else [LABELS[each] for each in truth]
    return prediction_frame(LABELS, np.stack([1 - scores, scores], axis=1), said)


def test_each_decision_is_the_cheapest_of_the_three():
    scores = np.linspace(0, 1, 101)
    policy = AlarmWatchRun(missed=100, false_alarm=20, inspection=5, found=0.8)
    decided = policy.decide(framed(scores), LABELS)["decision"].to_numpy()
    for p, decision in zip(scores, decided, strict=True):
        costs = {"run": 100 * p, "watch": 5 + 20 * p, "alarm": 20 * (1 - p)}
        assert costs[decision] == pytest.approx(min(costs.values()))
    assert set(decided) == {"run", "watch", "alarm"}


def test_the_reason_has_the_costs_of_all_three():
    said = AlarmWatchRun().decide(framed([0.5]), LABELS).iloc[0]
    assert said["decision"] == "alarm"
    assert "probability of a fault of 50.0%" in said["reason"]
    assert (
        "10.00" in said["reason"] and "50.00 to run" in said["reason"] and "15.00 to watch" in said["reason"]
    )


def test_costs_are_counted_on_what_came_true():
    policy = AlarmWatchRun(missed=100, false_alarm=20, inspection=5, found=0.8)
    frame = framed([0.9, 0.9, 0.2, 0.01], [1, 0, 1, 1])
    account = policy.account(frame, policy.decide(frame, LABELS))
    assert account["cost_an_example"] == pytest.approx((0 + 20 + (5 + 100 * 0.2) + 100) / 4)
    assert account["cost_an_example_if_all_run"] == pytest.approx(75)
    assert account["share_of_alarms_that_are_faults"] == 0.5
    assert account["share_of_faults_alarmed_or_watched"] == pytest.approx(2 / 3)


def test_what_is_kept_is_read_back():
    policy, other = AlarmWatchRun(), AlarmWatchRun()
    policy.fit(framed([0.9, 0.1], [1, 0]), LABELS)
    other.load(policy.state())
    assert other.describe() == policy.describe()
    assert "50.0 %" in policy.describe()


def test_costs_below_nothing_are_refused():
    with pytest.raises(UsageError):
        AlarmWatchRun(missed=-1)
    with pytest.raises(UsageError):
        AlarmWatchRun(found=1.5)
