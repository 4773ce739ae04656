"""Registers the education tasks."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "education/grading",
        "vertikit_education.grading:TASK",
        summary="grades a short answer beside a reference answer, or leaves it to the teacher",
    )
