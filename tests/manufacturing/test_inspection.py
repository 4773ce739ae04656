"""Accept, reject or inspect, by what it is expected to cost."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit import UsageError
from vertikit.outcome.oddness import Oddness
from vertikit_manufacturing.inspection import AcceptRejectInspect

OUTCOME = Oddness()


def frame(beliefs, truth=None):
    odd = np.asarray(beliefs, float)
    return OUTCOME.frame(np.column_stack([1 - odd, odd, odd]), truth)


def test_the_doubtful_are_inspected_and_the_others_are_not():
    policy = AcceptRejectInspect(escape=100, overkill=50, inspection=5, found=0.9)
    decided = policy.decide(frame([0.001, 0.04, 0.2, 0.5, 0.9, 0.999]), OUTCOME.labels)
    assert decided["decision"].tolist() == ["accept", "accept", "inspect", "inspect", "reject", "reject"]
    assert decided["reason"][0].startswith("2.3 spreads of sound parts below the threshold; cost 0.10")
    assert "beyond the threshold" in decided["reason"][5]


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({"inspection": 1000.0}, {"accept", "reject"}),
        ({"escape": 0.0}, {"accept"}),
        ({"inspection": 0.0, "found": 1.0}, {"accept", "inspect"}),
        ({"inspection": 4.0, "overkill": 1e6}, {"accept", "inspect", "reject"}),
    ],
)
def test_costs_decide(costs, expected):
    beliefs = [0.0, 0.3, 0.49, 0.51, 0.7, 1.0]
    assert set(AcceptRejectInspect(**costs).decide(frame(beliefs), OUTCOME.labels)["decision"]) == expected


def test_the_account_counts_what_came_of_it():
    policy = AcceptRejectInspect(escape=100, overkill=50, inspection=5, found=0.9)
    judged = frame(
        [0.001, 0.001, 0.2, 0.2, 0.99, 0.99], ["sound", "crack", "sound", "crack", "sound", "crack"]
    )
    account = policy.account(judged, policy.decide(judged, OUTCOME.labels))
    assert (
        account["share_of_odd_parts_accepted"]
        == account["share_of_sound_parts_rejected"]
        == pytest.approx(1 / 3)
    )
    # nothing, an escape, an inspection, one with a tenth of an escape, an overkill, nothing
    assert account["cost_a_part"] == pytest.approx((0 + 100 + 5 + 15 + 50 + 0) / 6)
    assert account["cost_a_part_if_all_accepted"] == pytest.approx(50)


def test_it_says_what_became_of_the_sound_parts_held_out_and_is_read_back():
    policy, other = AcceptRejectInspect(), AcceptRejectInspect()
    policy.fit(frame([0.01, 0.01, 0.3, 0.9], ["sound"] * 4), OUTCOME.labels)
    assert "accepted 50.0 %, inspected 25.0 % and rejected 25.0 %" in policy.describe()
    other.load(policy.state())
    assert other.describe() == policy.describe()


@pytest.mark.parametrize("costs", [{"escape": -1.0}, {"found": 1.5}])
def test_costs_that_are_none_are_refused(costs):
    with pytest.raises(UsageError):
        AcceptRejectInspect(**costs)
