"""Registers the medical tasks."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register

PICTURES = ("torchvision", "pillow", "captum")
INSTALL = "pip install vertikit[medical]"


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "medical/diagnosis",
        "vertikit_medical.diagnosis:TASK",
        summary="names the likeliest diseases from a clinical note, or abstains",
    )
    register(
        "medical/imaging",
        "vertikit_medical.imaging:TASK",
        summary="rules a finding of a film or slice out, refers it, or calls it urgent",
        requires=PICTURES,
        install=INSTALL,
    )

    register(
        "medical/imaging-findings",
        "vertikit_medical.imaging_findings:TASK",
        summary="tells several findings of a film or slice, some of which may not be known",
        requires=PICTURES,
        install=INSTALL,
    )


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "triage",
        "vertikit_medical.triage:Triage",
        summary="rule out, refer or urgent, at a set sensitivity and specificity",
    )


vertikit_examples = {"tasks/medical/imaging": {"rows": 60}, "tasks/medical/imaging-findings": {"rows": 60}}
"""How many rows of a sample the conformance kit looks at: pictures take their time."""
