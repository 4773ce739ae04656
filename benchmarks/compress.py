"""A run made smaller: bytes, time and quality beside the same run in onnxruntime, on one thread."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vertikit
from benchmarks.fraud import DEFAULTS, OPTIONS
from benchmarks.kit import COMMAND
from benchmarks.machines import KIND, bearings
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows
from benchmarks.table_sets import TABLES

WHOLE = "onnx"
"""The method that leaves a run as it is, in the same runtime as the others."""


@dataclass(frozen=True)
class Side:
    """A set: the task, how the run is trained, and the methods by which it is made smaller."""

    task: str
    train: Sequence[str]
    methods: Sequence[str]


BEARINGS = "cwru_bearing"
SIDES = {
    "symptom2disease": Side(
        TASK,
        ("strategy=lora", "blend=null"),
        (
            "int8",
            "trim,int8",
            "trim,layers,int8",
            "trim,prune,int8",
            "trim,lowrank,int8",
            "trim,layers,prune,int8",
        ),
    ),
    "chemprot": Side(
        TASK, ("strategy=lora", "blend=null", "epochs=4"), ("int8", "trim,int8", "trim,layers,int8")
    ),
    DEFAULTS: Side(
        "finance/fraud", ("backbone=mlp", "blend=null", "experts=[]"), ("int8", "prune,int8", "lowrank,int8")
    ),
    BEARINGS: Side(
        KIND, ("backbone=resnet1d", "strategy=full", "blend=null", "experts=[]"), ("int8", "prune,int8")
    ),
}


def run(only: str = "") -> None:
    """Each set: a run, the same run in onnxruntime, and its smaller forms."""
    results = Results("compress")
    for name, side in SIDES.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                for method, entry in _set(name, side, Path(folder)):
                    results.keep(f"{name}, {method}", entry)


def _set(name: str, side: Side, place: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    data = _data(name, place)
    chosen = [part for each in side.train for part in ("--set", each)]
    _typed(place, "train", side.task, *data, *chosen, "--output", place / "run")
    for method in (WHOLE, *side.methods):
        output = place / method
        _typed(place, "compress", place / "run", *data, "--method", method, "--output", output)
        yield method, _entry(vertikit.load(output))


def _data(name: str, place: Path) -> list[Any]:
    """The options that name the rows."""
    if name == DEFAULTS:
        return ["--data", TABLES[name].path(), *OPTIONS[name]]
    if name == BEARINGS:
        return bearings(place, "3")
    files = clean_rows(name).write(place / "data")
    return [part for each, path in files.items() for part in (f"--{each}", path)]


def _typed(place: Path, *arguments: Any) -> None:
    """A command as a user types it, on one thread."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env={**os.environ, "VERTIKIT_CACHE": str(place / "cache"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"vertikit {arguments[0]} failed: {done.stderr[-2000:]}")


def _entry(smaller: Any) -> dict[str, Any]:
    told = smaller.metrics["compression"]
    primary = smaller.metrics["primary"]
    sides = {
        side: {key: told[side][key] for key in ("bytes", "memory", "p50", "p95", "rows_per_second")}
        for side in ("before", "after")
    }
    return {
        "primary": primary,
        "score": told["after"]["test"][primary],
        "whole": told["before"]["test"][primary],
        "difference": told["difference"],
        "test": smaller.metrics["rows"]["test"],
        "steps": [each["told"] for each in told["steps"]],
        "trained": told["trained"],
        "seconds": round(smaller.metrics["seconds"]["total"], 1),
        **sides,
    }
