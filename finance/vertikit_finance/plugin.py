"""Registers the finance tasks, and what their trade judges and decides by."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "finance/fraud",
        "vertikit_finance.fraud:TASK",
        summary="finds frauds among payments, and puts them in a daily queue of alerts",
        requires=("polars", "tabm", "rtdl_num_embeddings"),
        install="pip install vertikit[finance]",
    )


@hookimpl
def register_metrics(register: Register) -> None:
    where = "vertikit_finance.metrics"
    register(
        "card_precision",
        f"{where}:CARD_PRECISION",
        summary="share of compromised cards among the riskiest of a day, as many as policy.budget; mean over days",
    )
    register(
        "recall_at_alerts",
        f"{where}:RECALL_AT_ALERTS",
        summary="share of frauds among the riskiest payments of each day, as many as policy.budget",
    )
    register(
        "expected_cost",
        f"{where}:EXPECTED_COST",
        summary="mean cost of a payment: amounts of frauds let pass, and policy.alert_cost for each alert",
    )
    register(
        "cost_saved",
        f"{where}:COST_SAVED",
        summary="money that the alerts save, less what they cost, as a share of all money lost to fraud",
    )


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "alert-queue",
        "vertikit_finance.alerts:AlertQueue",
        summary="each day's payments with the largest expected loss, as many as can be looked into",
    )


vertikit_examples = {
    "tasks/finance/fraud": {"rows": 6000},
    "metrics/card_precision": {"policy": {"budget": 1}},
    "metrics/recall_at_alerts": {"policy": {"budget": 1}},
}
"""What the conformance kit tries: enough payments for frauds among them, and fewer alerts a day than frauds."""
