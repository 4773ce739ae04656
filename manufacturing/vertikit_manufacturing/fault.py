"""Faults of machines, from sensors: as they are labelled, or whether one comes within a horizon."""

from __future__ import annotations

from vertikit import Card, Flag, Protocol, Task
from vertikit_manufacturing.columns import RECORDING, TIME, UNIT

TASK = Task(
    name="manufacturing/fault",
    summary="Foresees or finds faults of machines from their sensors, and says alarm, watch or run.",
    columns=(
        UNIT,
        TIME,
        RECORDING,
        Flag(
            "fault",
            help="whether the machine had a fault in that row: 1 or 0, yes or no",
            negative="sound",
            positives=("failure", "faulty", "anomaly"),
            negatives=("normal", "healthy", "ok"),
            aliases=("failure", "machine failure", "anomaly", "broken", "label"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "group-time", "grouped", "time", "blocks"),
        primary="average_precision",
        metrics=(
            "average_precision",
            "f1",
            "false_alarm_rate",
            "missed_alarm_rate",
            "false_alarms_per_unit_month",
            "lead_time",
            "faults_foreseen",
            "auroc",
            "log_loss",
            "brier",
            "ece",
        ),
        baselines=("majority", "logistic", "gradient-boosting"),
        experts_alone="gradient-boosting",
        why=(
            "What was learnt from some machines has to hold for others, and later: so no unit stands on two sides of "
            "the split, windows never cross units or gaps, and where there are times the test is later. Faults are "
            "rare, so average precision decides; beside it stand F1, false and missed alarms at a threshold chosen "
            "before the test, and how early a fault is known at one false alarm per unit and month. An alarm counts "
            "for the example that it is raised on alone: no point adjustment, which lets one lucky alarm count for a "
            "whole fault."
        ),
    ),
    card=Card(
        intended_use="Choosing the machines that people look at first.",
        population="Machines of the same kind, under loads like those of training.",
        limits=(
            "A kind of fault that training lacks may not be found. A machine that was serviced because of an alarm "
            "would have failed or not, which is not known and not judged here. It is no safety system."
        ),
        decision_owner="Stopping a machine is decided by the people who run it.",
    ),
    recipe={
        "backbone": "tabm",
        "strategy": "full",
        "head": {"name": "softmax", "standardise": "none", "dropout": 0.0},
        "loss": "cross-entropy",
        "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3, "weight_decay": 3e-4, "warmup": 0.05},
        "epochs": 30,
        "patience": 6,
        "refit": "always",
        "batch": {"rows": 128},
        "experts": ["signal", "own-past"],
        "blend": "gradient-boosting",
        "policy": "alarm-watch-run",
        "evaluation": {"bootstrap": 200},
    },
    further=True,
    sample="vertikit_manufacturing.samples.fault:write",
    sample_note="Synthetic readings of machines, made by a generator for this project; no such machine exists.",
    sample_recipe={"reshape": {"window": "24h", "stride": "8h", "horizon": "48h"}},
    unit="examples",
)
