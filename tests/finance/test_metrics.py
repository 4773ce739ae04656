from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vertikit.contracts import MetricContext
from vertikit.evaluate.frame import prediction_frame
from vertikit_finance.alerts import AlertQueue
from vertikit_finance.metrics import card_precision, cost_saved, expected_cost, queue, recall_at_alerts

LABELS = ("genuine", "fraud")
CONTEXT = MetricContext(LABELS)
DAY = 86_400.0


def framed(score, fraud, day, card=None, amount=None) -> pd.DataFrame:
    score = np.asarray(score, float)
    frame = prediction_frame(LABELS, np.stack([1 - score, score], 1), [LABELS[each] for each in fraud])
    frame["time"] = np.asarray(day, float) * DAY
    frame["card"] = pd.Categorical(card or [f"c{at}" for at in range(len(score))])
    frame["amount"] = np.asarray(amount if amount is not None else np.full(len(score), 50.0), float)
    return frame


def looking_at(budget: int, alert_cost: float = 5.0) -> MetricContext:
    return MetricContext(LABELS, policy={"budget": budget, "alert_cost": alert_cost})


def test_a_card_that_is_found_is_blocked_on_the_days_after():
    # Day 0: of the two highest cards one is a fraud. Day 1: that card again, which no longer counts, and two others.
    frame = framed([0.9, 0.8, 0.1, 0.99, 0.5, 0.4], [1, 0, 0, 1, 0, 0], [0, 0, 0, 1, 1, 1], list("abcabc"))
    assert card_precision(frame, looking_at(2)) == pytest.approx((0.5 + 0) / 2)


def test_the_queue_holds_the_highest_of_each_day():
    chosen = queue(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.9, 0.5, 0.3, 0.2]), 1)
    assert chosen.tolist() == [False, True, False, True, False]
    far = queue(np.array([10**6, 0, 10**6]), np.array([0.5, 0.5, 0.5]), 1)  # the earlier row among equals
    assert far.tolist() == [True, True, False]


def test_recall_counts_payments_of_all_days():
    frame = framed([0.9, 0.1, 0.8, 0.7], [1, 1, 1, 0], [0, 0, 1, 1])
    assert recall_at_alerts(frame, looking_at(1)) == pytest.approx(2 / 3)


def test_what_is_saved_and_what_a_payment_costs_come_from_one_matrix():
    frame = framed([0.9, 0.9, 0.0], [1, 0, 1], [0, 0, 0], amount=[100, 40, 60])
    # Two alerts, one of them right: 100 found, 10 spent, of 160 that are lost without.
    assert cost_saved(frame, looking_at(2)) == pytest.approx(90 / 160)
    assert expected_cost(frame, looking_at(2)) == pytest.approx((60 + 10) / 3)
    # With room for one, the genuine payment is not looked into; an alert dearer than all amounts is never made.
    assert expected_cost(frame, looking_at(1)) == pytest.approx((60 + 5) / 3)
    assert expected_cost(frame, looking_at(2, 200.0)) == pytest.approx(160 / 3)
    assert cost_saved(frame, looking_at(2, 200.0)) == 0


def test_without_frauds_nothing_can_be_saved_and_alerts_cost_all_the_same():
    frame = framed([0.5], [0], [0])
    assert np.isnan(cost_saved(frame, CONTEXT)) and expected_cost(frame, CONTEXT) == 5.0


def test_refunds_and_missing_amounts_are_at_no_stake():
    frame = framed([0.9, 0.9], [1, 1], [0, 0], amount=[-100, np.nan])
    assert expected_cost(frame, CONTEXT) == 0 and np.isnan(cost_saved(frame, CONTEXT))


def test_alerts_stay_in_the_budget_and_above_their_cost():
    frame = framed([0.9, 0.8, 0.7, 0.01], [1, 0, 1, 0], [0, 0, 0, 1], amount=[10, 100, 1000, 100])
    decided = AlertQueue(budget=2, alert_cost=5).decide(frame, LABELS)
    assert list(decided.decision) == ["pass", "alert", "alert", "pass"]
    assert "stand before it in the queue, expected loss 9.00" in decided.reason[0]
    assert "is not above the cost of an alert" in decided.reason[3]


def test_without_amounts_the_probability_is_ranked():
    frame = framed([0.9, 0.8, 0.7], [1, 0, 1], [0, 0, 0]).drop(columns="amount")
    assert list(AlertQueue(budget=1).decide(frame, LABELS).decision) == ["alert", "pass", "pass"]
