"""How fraud detection is judged: what a day's queue of alerts finds, and what it saves.

Le Borgne, Siblini, Lebichot and Bontempi, Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapter 4: card precision top-k, and costs by amount. A day is one of UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit_finance.alerts_part import days, queue
from vertikit_plugins.metrics.detection import looked_for

if TYPE_CHECKING:
    import pandas as pd

ALERTS = 100
"""That can be looked into on a day, where the recipe's policy has no budget of its own."""
ALERT_COST = 5.0
"""Of looking into one alert, in the currency of the amounts, where the policy names none."""


class Means(NamedTuple):
    """What the recipe's policy allows: alerts a day, and what one costs."""

    budget: int
    alert_cost: float


def means(context: MetricContext) -> Means:
    """The policy's `budget` and `alert_cost`."""
    chosen = context.policy
    return Means(int(chosen.get("budget", ALERTS)), float(chosen.get("alert_cost", ALERT_COST)))


def card_precision(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean over days of the share of compromised cards among as many cards as can be looked into, the riskiest first.

    A card that is found on one day is blocked, and is not among the cards of the days after it.
    """
    size = means(context).budget
    fraud, score = looked_for(frame, context)
    day = days(frame)
    cards = frame["card"].cat.codes.to_numpy(np.int64)
    cards = cards - cards.min(initial=0)  # a payment without a card is of one card, that of all such
    found = np.zeros(cards.max(initial=-1) + 1, bool)
    values = []
    for each in np.unique(day):
        rows = np.flatnonzero((day == each) & ~found[cards])
        if not len(rows):
            continue
        own, place = np.unique(cards[rows], return_inverse=True)
        highest = np.full(len(own), -np.inf)
        np.maximum.at(highest, place, score[rows])
        hit = np.zeros(len(own), bool)
        np.logical_or.at(hit, place, fraud[rows])
        top = np.argsort(-highest, kind="stable")[:size]
        values.append(hit[top].sum() / size)
        found[own[top][hit[top]]] = True
    return float(np.mean(values)) if values else float("nan")


def recall_at_alerts(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of all frauds that are among as many payments a day as can be looked into, the riskiest first."""
    fraud, score = looked_for(frame, context)
    if not fraud.any():
        return float("nan")
    chosen = queue(days(frame), score, means(context).budget)
    return float(fraud[chosen].sum() / fraud.sum())


def expected_cost(frame: pd.DataFrame, context: MetricContext) -> float:
    """Mean cost of a payment, in the currency of the amounts, under decisions by expected loss.

    The matrix is weighted by amount: a fraud that is let pass costs its amount, an alert (right or wrong) what looking
    into it costs, and a genuine payment that is let pass nothing (Bahnsen et al. 2014, ICMLA, table 1). Alerts are the
    payments whose probability times amount is above the cost of an alert, at most the policy's budget a day.
    """
    missed, spent, _ = _costs(frame, context)
    return (missed + spent) / len(frame)


def cost_saved(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of all that is lost without alerts that the alerts of `expected_cost` save, less what they cost.

    0 is what no system saves, 1 would be all; below 0 the alerts cost more than they find.
    """
    missed, spent, lost = _costs(frame, context)
    return 1.0 - (missed + spent) / lost if lost > 0 else float("nan")


def _costs(frame: pd.DataFrame, context: MetricContext) -> tuple[float, float, float]:
    """(amounts of frauds let pass, cost of all alerts, amounts of all frauds)."""
    fraud, score = looked_for(frame, context)
    amount = np.maximum(np.nan_to_num(frame["amount"].to_numpy(np.float64)), 0.0)
    allowed = means(context)
    risk = score * amount
    alert = queue(days(frame), risk, allowed.budget) & (risk > allowed.alert_cost)
    lost = amount * fraud
    return float(lost[~alert].sum()), allowed.alert_cost * int(alert.sum()), float(lost.sum())


CARD_PRECISION = Metric(card_precision, needs=("card", "time"), resampled=False)
RECALL_AT_ALERTS = Metric(recall_at_alerts, needs=("time",))
EXPECTED_COST = Metric(
    expected_cost, higher_is_better=False, upper=float("inf"), needs=("amount",), uses=("time",)
)
COST_SAVED = Metric(cost_saved, lower=float("-inf"), needs=("amount",), uses=("time",))
