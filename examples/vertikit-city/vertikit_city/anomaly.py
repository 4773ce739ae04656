"""Unusual days of a series, found by usual ones."""

from __future__ import annotations

from vertikit import Card, Group, Number, Protocol, Soundness, Task, Time

TASK = Task(
    name="city/anomaly",
    summary="Finds unusual days in a series, learnt from usual ones alone.",
    columns=(
        Time("time", help="when it was counted", required=False, aliases=("timestamp", "date", "datetime")),
        Group(
            "place",
            help="which series a row is of",
            required=False,
            kept_whole=False,
            aliases=("series", "station", "zone"),
        ),
        Number(
            "demand", help="what was counted or measured", required=False, aliases=("value", "count", "load")
        ),
        Soundness(
            "day",
            help="usual, or what was unusual about the day that a row is of; judges, and is not learnt from",
            sound=("usual", "sound", "normal", "0", "no", "false", "none"),
            aliases=("label", "anomaly", "event"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "time", "blocks"),
        primary="auroc",
        metrics=(
            "auroc",
            "average_precision",
            "f1",
            "false_alarm_rate",
            "missed_alarm_rate",
            "overkill",
            "escape",
        ),
        baselines=("majority",),
        why=(
            "Days that are unusual are few and unlike each other, so usual days alone are learnt from, and the "
            "threshold is set on usual days that were held out. Each day counts for itself: no point adjustment, which "
            "lets one lucky hit count for a whole event. So F1 stands beside false and missed alarms, and AUROC, which "
            "needs no threshold, decides."
        ),
    ),
    card=Card(
        intended_use="Pointing people to days that are worth a look.",
        population="The series of the training rows.",
        limits="A day that is unusual in a way which does not change the course of the series is not found.",
        decision_owner="What a day was is decided by the people who look.",
    ),
    recipe={
        "backbone": "day-profile",
        "strategy": "frozen",
        "head": "unlike-any-day",
        "loss": "none",
        "policy": "accept-reject-inspect",
        "reshape": {"window": "1d", "stride": "1d", "label": "any"},
        "oddness": {"overkill": 0.05},
        "evaluation": {"bootstrap": 200},
    },
    sample="vertikit_city.samples.anomaly:write",
    sample_note="Synthetic counts with some unusual days, made by a generator for this example.",
    unit="days",
)
