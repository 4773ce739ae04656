"""Runs that several tests read: a tiny encoder on synthetic notes, trained once a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vertikit
from vertikit_medical.samples.diagnosis import write


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic notes, 360 rows."""
    path = tmp_path_factory.mktemp("notes") / "notes.csv"
    write(path, rows=360, seed=1)
    return path


@pytest.fixture(scope="session")
def quick(tiny_encoder: Path) -> dict[str, Any]:
    """A recipe that trains in seconds."""
    return {
        "backbone": str(tiny_encoder),
        "epochs": 3,
        "evaluation": {"bootstrap": 50},
        "cleaning": {"rare_classes": "quarantine"},
    }


@pytest.fixture(scope="session")
def probe_run(notes: Path, quick: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """A finished probe."""
    output = tmp_path_factory.mktemp("runs") / "probe"
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=output, progress=False, **quick
    )
