"""A transfer matrix between two medical sets of texts and one of graded answers, at a small labelled budget."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.grading import SPRAG_MAP
from benchmarks.grading_sets import SPRAG
from benchmarks.grading_sets import read as read_grades
from benchmarks.kit import COMMAND
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows

GRADING = "education/grading"
ROWS = 192
"""Training rows of a target: eight a class of symptom2disease."""
MOST = 400
"""Rows of chemprot and of the graded answers, drawn at random: adapters train on a processor here."""
SOURCE = ("strategy=lora", "epochs=2", "blend=null", "baselines=[majority]", "remarks=false", "evaluation.bootstrap=0",
          "evaluation.compare_experts=false", "experts=[]")  # fmt: skip
RARE = ("--set", "cleaning.rare_classes=quarantine", "--set", "cleaning.min_class_rows=10")
GRADES = ("grade", "reference", "answer", "question_id", "group")


def run(only: str = "") -> None:
    """Three runs with adapters, and the matrix of all of them on all three sets; a cell at a time is kept."""
    results = Results("transfer")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = _sets(folder)
        for each, (task, path) in sets.items():
            started = time.perf_counter()
            chosen = [part for setting in SOURCE for part in ("--set", setting)]
            _call(folder, "train", task, "--data", path, *chosen, *RARE, "--output", folder / each)
            print(f"{each}: trained in {time.perf_counter() - started:.0f} s", flush=True)
        runs = [part for each in sets for part in ("--from", folder / each)]
        targets = [part for task, path in sets.values() for part in ("--to", f"{task}={path}")]
        _call(
            folder,
            "transfer",
            *runs,
            *targets,
            "--rows",
            ROWS,
            "--set",
            "experts=[]",
            *RARE,
            "--output",
            folder / "m",
        )
        for line in _matrix(folder / "m"):
            target = Path(line["data"]).stem
            for cell in line["cells"]:
                key = f"{cell['source']} to {target}"
                if only in key:
                    kept = {each: line[each] for each in ("primary", "rows", "tested")}
                    results.keep(key, {**kept, "plain": line["plain"]["score"], **cell})


def _sets(folder: Path) -> dict[str, tuple[str, Path]]:
    """Name of a set -> its task and a file with the task's own columns."""
    frames = {}
    for name in ("symptom2disease", "chemprot"):
        own = clean_rows(name)
        rows = pd.concat([part for part in (own.train, own.valid, own.test) if part is not None])
        frames[name] = (TASK, rows)
    grades = read_grades(SPRAG).rename(
        columns={column: role for role, column in (e.split("=") for e in SPRAG_MAP)}
    )
    frames["sprag"] = (GRADING, grades[[each for each in GRADES if each in grades]])
    found = {}
    for name, (task, rows) in frames.items():
        if name != "symptom2disease":
            rows = rows.sample(min(MOST, len(rows)), random_state=0)
        rows.to_csv(folder / f"{name}.csv", index=False)
        found[name] = (task, folder / f"{name}.csv")
    return found


def _call(folder: Path, *arguments: Any) -> None:
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env={**os.environ, "VERTIKIT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"vertikit {arguments[0]} failed: {done.stderr[-2000:]}")


def _matrix(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))["targets"]
    return found
