"""Registers the medical tasks."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "medical/diagnosis",
        "vertikit_medical.diagnosis:TASK",
        summary="names the likeliest diseases from a clinical note, or abstains",
    )
