"""Which parts are odd, and where, learnt from pictures of sound ones alone."""

from __future__ import annotations

from vertikit import Card, Mask, Protocol, Soundness, Task
from vertikit_manufacturing.pictures import ID, IMAGE, PART

TASK = Task(
    name="manufacturing/anomaly",
    summary="Tells odd parts from pictures of sound ones alone, and shows where.",
    columns=(
        IMAGE,
        PART,
        ID,
        Soundness(
            "state",
            help="sound (or good, ok, normal), or the name of a defect; without it all pictures are of sound parts",
            aliases=("label", "defect", "class", "anomaly", "condition"),
        ),
        Mask("mask", help="a picture of the same size, not black where the defect is; for the test alone"),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"),
        primary="auroc",
        metrics=(
            "average_precision",
            "recall_at_5_percent_overkill",
            "overkill",
            "escape",
            "aupro",
            "recall_by_kind",
        ),
        baselines=("pixel-gaussian",),
        why=(
            "Defects are rare, and the next one is of a kind that nobody has seen: so it learns from sound parts "
            "alone, and odd ones are there to judge it, all of them in the test. The threshold comes from sound parts "
            "held out, at a stated share of them that may be rejected for nothing (overkill), never from the test. "
            "AUROC decides, for it needs no threshold; where there are masks, AUPRO tells whether it points at the "
            "place."
        ),
    ),
    card=Card(
        intended_use="Sorting out parts for a person to look at, with the place where to look.",
        population="Parts of one kind, taken by the same camera and light as those of training.",
        limits=(
            "What changes the picture and not the part (light, focus, dust on the lens) is odd to it. A defect finer "
            "than its patches, or one that is usual among the sound parts of training, goes unseen."
        ),
        decision_owner="What is scrapped is decided by the people who make the part.",
    ),
    recipe={
        "backbone": "filter-bank",
        "strategy": "frozen",
        "head": {"name": "memory-bank", "standardise": "each"},
        "loss": "none",
        "epochs": 1,
        "patience": 0,
        "policy": "accept-reject-inspect",
        "split": {"valid": 0.25},
        "evaluation": {"bootstrap": 500},
    },
    sample="vertikit_manufacturing.samples.anomaly:write",
    sample_note="Synthetic pictures of metal plates, drawn by code for this project; no such plate exists.",
    unit="pictures",
)
