"""Several findings of a film or a slice at once, of which some may not be known."""

from __future__ import annotations

from vertikit import Protocol, Task
from vertikit.label_columns import Labels
from vertikit_medical.imaging import CARD, IMAGE, RECIPE, ROLES, SAMPLE_NOTE, WHY

TASK = Task(
    name="medical/imaging-findings",
    summary="Reads a picture for several findings, each with its probability, and rules out, refers, or calls urgent.",
    columns=(
        IMAGE,
        Labels(
            "findings",
            help="a column of yes and no for each (--map findings=ONE+OTHER), or one of names (ONE|OTHER)",
            aliases=("finding_labels", "labels", "diagnoses"),
        ),
        *ROLES,
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"),
        primary="auroc",
        metrics=(
            "auroc",
            "mean_average_precision",
            "at_90_specificity",
            "at_95_specificity",
            "calibration_slope",
            "calibration_intercept",
            "net_benefit",
            "per_finding",
        ),
        baselines=("majority", "pixels-logistic"),
        why=WHY + " What is not known of a finding is neither learnt nor judged.",
        shortcut="picture-frame",
        folded=("study",),
    ),
    card=CARD,
    recipe={
        **RECIPE,
        # Each finding is rare and partly unknown: what a network from nothing learns of it is less than filters give.
        "backbone": "filter-bank",
        "strategy": "frozen",
        "head": {"name": "multi-label", "standardise": "each"},
        "loss": "bce-holes",
        "optimiser": {"rate": 3e-3, "weight_decay": 0.05},
        "epochs": 60,
        "blend": "pixels-logistic",
    },
    sample="vertikit_medical.samples.imaging:write_findings",
    sample_note=SAMPLE_NOTE,
    sample_recipe={},
    unit="pictures",
)
