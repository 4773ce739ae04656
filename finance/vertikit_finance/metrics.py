"""How fraud detection is judged: what a day's queue of alerts finds, and what it saves.

Le Borgne, Siblini, Lebichot and Bontempi, Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapter 4: card precision top-k, and costs by amount. A day is one of UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.frame import PREFIX

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

DAY = 86_400.0
ALERTS = 100
ALERT_COST = 5.0
"""Of looking into one alert, in the currency of the amounts."""


def days(frame: pd.DataFrame) -> NDArray[np.int64]:
    """[N] the day of each row; without a time all rows are of one day, and so are those that lack theirs."""
    if "time" not in frame.columns:
        return np.zeros(len(frame), np.int64)
    seconds: NDArray[np.float64] = np.nan_to_num(frame["time"].to_numpy(np.float64))
    return np.asarray(np.floor(seconds / DAY), np.int64)


def queue(day: NDArray[np.int64], score: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """[N] whether a row is among the `size` highest scores of its day, the earlier row first among equals."""
    order = np.lexsort((-score, day))
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order][:1] - 1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    chosen = np.zeros(len(order), bool)
    chosen[order[rank < size]] = True
    return chosen


def card_precision(frame: pd.DataFrame, context: MetricContext, size: int = ALERTS) -> float:
    """Mean over days of the share of compromised cards among the `size` cards with the highest scores of the day.

    A card that is found on one day is blocked, and is not among the cards of the days after it.
    """
    fraud = np.asarray(frame["truth"] == context.labels[-1], bool)
    score = frame[PREFIX + context.labels[-1]].to_numpy(np.float64)
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


def recall_at_alerts(frame: pd.DataFrame, context: MetricContext, size: int = ALERTS) -> float:
    """Share of all frauds that are among the `size` payments with the highest scores of their day."""
    fraud = np.asarray(frame["truth"] == context.labels[-1], bool)
    if not fraud.any():
        return float("nan")
    chosen = queue(days(frame), frame[PREFIX + context.labels[-1]].to_numpy(np.float64), size)
    return float(fraud[chosen].sum() / fraud.sum())


def cost_saved(frame: pd.DataFrame, context: MetricContext, size: int = ALERTS) -> float:
    """Amounts of the frauds in each day's queue by expected loss, less `ALERT_COST` an alert, over all that is lost.

    0 is what no system saves, 1 would be all; below 0 the alerts cost more than they find. The queue holds the `size`
    payments of a day with the largest probability times amount.
    """
    fraud = np.asarray(frame["truth"] == context.labels[-1], bool)
    amount = np.maximum(np.nan_to_num(frame["amount"].to_numpy(np.float64)), 0.0)
    lost = float(amount[fraud].sum())
    if lost <= 0:
        return float("nan")
    risk = frame[PREFIX + context.labels[-1]].to_numpy(np.float64) * amount
    chosen = queue(days(frame), risk, size) & (risk > ALERT_COST)
    return float((amount[fraud & chosen].sum() - ALERT_COST * chosen.sum()) / lost)


CARD_PRECISION_100 = Metric(card_precision, needs=("card", "time"), resampled=False)
RECALL_AT_100_ALERTS = Metric(recall_at_alerts, needs=("time",))
COST_SAVED = Metric(cost_saved, lower=float("-inf"), needs=("amount", "time"))
