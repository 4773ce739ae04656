"""What an adaptation changed, held to account: trained against shuffled labels; and the deletion test of reasons."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

import vertikit
from benchmarks.machines import KIND, bearings
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows, few
from benchmarks.table_sets import TABLES
from vertikit.explain.explaining import Explained, Given, explain
from vertikit.progress import SILENT
from vertikit.run.run import Run

PER_CLASS = 12
"""Rows of each disease that train: enough to learn from, and quick."""
ROWS = 60
"""Whose answers are explained."""


def run(only: str = "") -> None:
    """A text set under LoRA, and windows of a sensor under full training."""
    results = Results("explained")
    sides: dict[str, Callable[[Path], dict[str, Any]]] = {
        "symptom2disease, lora": _symptoms,
        "cwru_bearing, resnet1d": _bearings,
    }
    for name, take in sides.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                results.keep(name, take(Path(folder)))


def _symptoms(folder: Path) -> dict[str, Any]:
    whole = clean_rows("symptom2disease")
    files = replace(few(whole, PER_CLASS, 0), test=whole.test).write(folder / "data")
    done = vertikit.train(
        TASK, files["data"], test=files["test"], output=folder / "run", progress=False, strategy="lora", epochs=6,
        blend=None, baselines=["majority"], evaluation={"bootstrap": 0}, cache=False,
    )  # fmt: skip
    return _told(done, Given((str(files["test"]),), {}, (), ""), Given((str(files["data"]),), {}, (), ""))


def _bearings(folder: Path) -> dict[str, Any]:
    options = bearings(folder, "0")
    data, test = (str(options[options.index(name) + 1]) for name in ("--data", "--test"))
    for path in (data, test):
        # A record is a unit: loads are four, too few for an interval over them.
        table = pd.read_csv(path)
        table.assign(unit=table["recording"]).to_csv(path, index=False)
    root = str(TABLES["cwru_bearing"].path())
    done = vertikit.train(
        KIND, data, test=test, root=root, output=folder / "run", progress=False, strategy="full", epochs=40,
        backbone={"name": "resnet1d", "width": 32, "blocks": 5}, reshape={"window": 2048}, experts=[], blend=None,
        baselines=["majority"], refit="never", optimiser={"rate": 1e-3, "encoder_rate": 1e-3},
        evaluation={"bootstrap": 0, "compare_experts": False},
    )  # fmt: skip
    return _told(done, Given((test,), {}, (), root), Given((data,), {}, (), root))


def _told(done: Run, test: Given, data: Given) -> dict[str, Any]:
    found = explain(done, test, data, rows=ROWS, progress=SILENT)
    assert found.control is not None
    return {
        "primary": found.primary,
        "score": done.metrics["test"][found.primary]["value"],
        "rows": done.metrics["rows"]["train"],
        "judged": found.judged,
        "blocks": _blocks(found),
        "trained": found.adapted.correlations,
        "control": found.control.correlations,
        "against": found.against,
        "lead": found.lead,
        "control_score": found.control.score.get("value"),
        "deletion": found.faithful,
    }


def _blocks(found: Explained) -> list[dict[str, Any]]:
    """Change, control's change and rise of the loss of each."""
    assert found.control is not None
    other = {each.name: each.norm for each in found.control.changes}
    worth = {each.name: each.loss["value"] for each in found.adapted.reverted}
    return [
        {"name": each.name, "norm": each.norm, "control": other.get(each.name), "loss": worth.get(each.name)}
        for each in found.adapted.changes
    ]
