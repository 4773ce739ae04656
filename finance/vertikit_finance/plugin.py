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
        "card_precision_100",
        f"{where}:CARD_PRECISION_100",
        summary="of the 100 cards with the highest scores of a day, the share with a fraud; mean over days",
    )
    register(
        "recall_at_100_alerts",
        f"{where}:RECALL_AT_100_ALERTS",
        summary="share of frauds among the 100 payments of the highest scores of each day",
    )
    register(
        "cost_saved",
        f"{where}:COST_SAVED",
        summary="money saved by 100 alerts a day, less 5 for each, as a share of all money lost to fraud",
    )


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "alert-queue",
        "vertikit_finance.alerts:AlertQueue",
        summary="each day's payments with the largest expected loss, as many as can be looked into",
    )
