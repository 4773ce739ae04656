"""Which defect a part has, from a picture."""

from __future__ import annotations

from vertikit import Card, Label, Protocol, Task
from vertikit_manufacturing.pictures import ID, IMAGE, PART

TASK = Task(
    name="manufacturing/quality",
    summary="Names the defect of a part from a picture of it.",
    columns=(
        IMAGE,
        PART,
        ID,
        Label(
            "defect",
            help="the kind of defect, or that there is none, by name",
            aliases=("label", "class", "kind", "state", "defect_type"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"),
        primary="macro_f1",
        metrics=("macro_recall", "accuracy", "auroc", "log_loss", "ece", "per_class"),
        baselines=("majority", "pixels-logistic"),
        why=(
            "A defect has to be known again on another part: so no part stands on two sides of the split, nor do "
            "pictures that look alike. Rare kinds count like common ones: macro-F1 decides. Since a new line has few "
            "examples of each, the recalls that 5, 10 and 20 of them teach stand beside (evaluation.few_shot)."
        ),
    ),
    card=Card(
        intended_use="Naming the defect of a part, so that the cause is found sooner.",
        population="Parts of the same kinds, taken by the same camera and light as those of training.",
        limits="A defect that training lacks is given the name of another, or of none. It is no safety check.",
        decision_owner="What is scrapped or mended is decided by the people who make the part.",
    ),
    recipe={
        "backbone": "filter-bank",
        "strategy": "frozen",
        "head": {"name": "logistic", "balanced": True},
        # Not of the head above, which is fitted: what one that is trained in its place takes (head=softmax).
        "loss": "cross-entropy",
        "class_weights": "balanced",
        "epochs": 80,
        "patience": 15,
        "policy": {"name": "differential", "risk": 0.2},
        "evaluation": {"bootstrap": 500, "few_shot": [5, 10, 20]},
    },
    sample="vertikit_manufacturing.samples.quality:write",
    sample_note="Synthetic pictures of metal plates, drawn by code for this project; no such plate exists.",
    unit="pictures",
)
