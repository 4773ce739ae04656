"""Which kind of fault a machine has, from sensors or recordings."""

from __future__ import annotations

from vertikit import Card, Label, Protocol, Task
from vertikit_manufacturing.columns import RECORDING, TIME, UNIT

TASK = Task(
    name="manufacturing/fault-kind",
    summary="Names the kind of a machine's fault from its sensors or a recording.",
    columns=(
        UNIT,
        TIME,
        RECORDING,
        Label(
            "kind",
            help="the kind of fault, or that there is none, by name",
            aliases=("fault", "fault_type", "failure_type", "class", "label"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "time", "blocks"),
        primary="macro_f1",
        metrics=("macro_f1", "balanced_accuracy", "accuracy", "log_loss", "ece", "per_class"),
        baselines=("majority", "logistic", "gradient-boosting"),
        experts_alone="gradient-boosting",
        why=(
            "A kind of fault has to be known again on another machine, or under another load: so no unit stands on "
            "two sides of the split, and windows of one recording never do. Random windows of one recording on both "
            "sides give scores near 1 that say nothing. Rare kinds count like common ones: macro-F1 decides."
        ),
    ),
    card=Card(
        intended_use="Telling the people who repair a machine where to look first.",
        population="Machines of the same kind, under loads like those of training.",
        limits="A kind that training lacks is given the name of another. It is no safety system.",
        decision_owner="What is repaired is decided by the people who repair it.",
    ),
    recipe={
        "backbone": "tabm",
        "strategy": "full",
        "head": {"name": "softmax", "standardise": "none", "dropout": 0.0},
        "loss": "cross-entropy",
        "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3, "weight_decay": 3e-4, "warmup": 0.05},
        "epochs": 30,
        "patience": 10,
        "class_weights": "balanced",
        "refit": "always",
        "batch": {"rows": 128},
        "experts": ["signal", "own-past"],
        "policy": "differential",
        "split": {"valid": 0.2},
        "evaluation": {"bootstrap": 200},
    },
    further=True,
    sample="vertikit_manufacturing.samples.fault:write_kinds",
    sample_note="Synthetic readings of machines, made by a generator for this project; no such machine exists.",
    sample_recipe={"reshape": {"window": "12h", "stride": "12h"}},
    unit="examples",
)
