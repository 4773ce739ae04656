"""A small task, files for it, and the stage run on them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from vertikit import Card, Group, Id, Label, Protocol, Sensitive, Task, Text
from vertikit.prepare.prepared import Prepared, Sources
from vertikit.prepare.preparing import prepare
from vertikit.prepare.reading import Rows, read_rows
from vertikit.recipe.model import Recipe
from vertikit.registry import registry

TASK = Task(
    name="clinic/triage",
    summary="sorts notes",
    columns=(
        Text("text", help="the note", private=True, aliases=("description",)),
        Text("history", help="what came before", required=False, private=True),
        Label("disease", help="what it was", aliases=("diagnosis",)),
        Group("patient", help="who it is about", private=True, aliases=("patient_id",)),
        Id("id", help="names a note", aliases=("note_id",)),
        Sensitive("age", bands=(18, 65)),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"), primary="accuracy", metrics=(), baselines=(), why=""
    ),
    card=Card(intended_use="", population="", limits=""),
)

DISEASES = ("flu", "cold", "acne")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write rows (dicts) as CSV, and give the path."""

    def write(rows: Sequence[Mapping[str, Any]], name: str = "notes.csv") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return write


@pytest.fixture
def plenty() -> Callable[..., list[dict[str, Any]]]:
    """Rows that nothing is wrong with: as many as asked, classes in turn."""

    def plenty(count: int = 240, start: int = 0, **more: Any) -> list[dict[str, Any]]:
        return [
            {
                "text": f"note number {at} tells of {DISEASES[at % 3]} and of {at * 7} other things",
                "disease": DISEASES[at % 3],
            }
            | {name: value(at) if callable(value) else value for name, value in more.items()}
            for at in range(start, start + count)
        ]

    return plenty


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Prepared]:
    """Prepare sources under a recipe with the given keys; the lines told are appended to `told`."""
    turn = iter(range(100))

    def run(
        data: Any,
        *,
        valid: Sequence[Any] = (),
        tests: Mapping[str, Sequence[Any]] | None = None,
        mapping: Mapping[str, str] | None = None,
        drop: Sequence[str] = (),
        task: Task = TASK,
        told: list[str] | None = None,
        **recipe: Any,
    ) -> Prepared:
        folder = tmp_path / f"work-{next(turn)}"
        folder.mkdir()
        sources = Sources(
            tuple(data) if isinstance(data, list) else (data,),
            tuple(valid),
            {name: tuple(each) for name, each in (tests or {}).items()},
            mapping or {},
            tuple(drop),
        )
        chosen = Recipe.model_validate(
            dict.fromkeys(("backbone", "strategy", "head", "loss", "policy"), "any") | recipe
        )
        return prepare(task, sources, chosen, registry(), folder, (told if told is not None else []).append)

    return run


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Rows]:
    """Read sources as for evaluation or prediction."""
    turn = iter(range(100))

    def read(
        sources: Sequence[Any],
        mapping: Mapping[str, str] | None = None,
        drop: Sequence[str] = (),
        *,
        targets: bool = False,
        task: Task = TASK,
    ) -> Rows:
        folder = tmp_path / f"read-{next(turn)}"
        folder.mkdir()
        return read_rows(task, sources, mapping or {}, drop, registry(), folder, targets=targets)

    return read
