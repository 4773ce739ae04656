"""Fraud among payments: a daily queue of alerts, judged on days after those that were learnt from."""

from __future__ import annotations

from vertikit import Card, Flag, Group, Id, Number, Protocol, Task, Time

TASK = Task(
    name="finance/fraud",
    summary="Finds frauds among payments, and puts them in a daily queue of alerts.",
    columns=(
        Time(
            "time",
            help="when the payment was made; without it nothing is known of how the model ages",
            required=False,
            aliases=("timestamp", "datetime", "tx_datetime", "date", "transaction_time"),
        ),
        Number(
            "amount",
            help="amount of the payment, in one currency; refunds are negative",
            says="an amount of {:,.2f}",
            required=False,
            aliases=("tx_amount", "value", "transaction_amount", "amt"),
        ),
        Group(
            "card",
            help="the card or account that pays",
            aliases=("customer_id", "card_id", "account", "cc_num", "customer"),
            crosses_time=True,
        ),
        Group(
            "terminal",
            help="the terminal or merchant that is paid",
            aliases=("terminal_id", "merchant", "merchant_id"),
            crosses_time=True,
        ),
        Id("id", help="names a payment, unique", aliases=("transaction_id", "tx_id", "trans_num")),
        Flag(
            "fraud",
            help="whether it was a fraud: 1 or 0, yes or no",
            negative="genuine",
            positives=("fraudulent",),
            negatives=("legit", "legitimate"),
            aliases=("tx_fraud", "is_fraud", "class", "label", "default.payment.next.month"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "time", "grouped", "stratified"),
        primary="average_precision",
        metrics=(
            "average_precision",
            "card_precision",
            "recall_at_alerts",
            "expected_cost",
            "cost_saved",
            "recall_at_1_percent",
            "auroc",
            "ks",
            "log_loss",
            "brier",
            "ece",
        ),
        baselines=("majority", "logistic", "gradient-boosting"),
        experts_alone="gradient-boosting",
        why=(
            "A model is trained on the past and used on the days after it, and the frauds of the last days are not "
            "known yet when it is trained: so the test is of later days, with a gap of a week before it in which "
            "nothing is learnt. Cards that are known to be compromised by then are left out, for they are blocked "
            "already. Frauds are rare, so what counts is how many of the alerts are frauds (average precision, cards "
            "a day) and what they save; the area under the ROC curve is told beside it, and flatters."
        ),
    ),
    card=Card(
        intended_use="Choosing the payments that people look into first.",
        population="Payments of the same issuer, in the weeks after those of training.",
        limits=(
            "Frauds change; a model of last month knows last month's. Frauds that nobody reported are taken "
            "for genuine. A payment that is stopped would have been labelled by what was found of it, which is not "
            "judged here."
        ),
        decision_owner="Blocking a card or a payment is decided by the people who look into an alert.",
    ),
    recipe={
        "backbone": "tabm",
        "strategy": "full",
        "head": {"name": "softmax", "standardise": "none", "dropout": 0.0},
        "loss": "cross-entropy",
        "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3, "weight_decay": 3e-4, "warmup": 0.05},
        "epochs": 15,
        "patience": 4,
        "refit": "always",
        "batch": {"rows": 256},
        "experts": [{"name": "velocity", "delay": "7d", "amount": "amount"}],
        "blend": "gradient-boosting",
        "policy": "alert-queue",
        "split": {"gap": "7d", "known": "fraud"},
        "evaluation": {"bootstrap": 200},
    },
    further=True,
    sample="vertikit_finance.samples.fraud:write",
    sample_note="Synthetic payments, made by a generator for this project; nobody made them.",
    unit="payments",
)
