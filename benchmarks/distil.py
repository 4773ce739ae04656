"""Students of a run beside themselves without a teacher: how much of the gap is closed, and what they weigh."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import vertikit
from benchmarks.kit import COMMAND
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows

SETS = ("symptom2disease", "chemprot")
STUDENTS = {
    "ngrams": ("backbone=ngrams",),
    "minilm, 2 layers": ("backbone={name: minilm, layers: 2}",),
}
FEW = 10
"""Labelled rows of a class, where the other training texts come without labels."""


def run(only: str = "") -> None:
    """Each set: a teacher by the default recipe, and students of it; ngrams with few labels and many texts as well."""
    results = Results("distil")
    for name in SETS:
        if only in name:
            rows = clean_rows(name)
            with tempfile.TemporaryDirectory() as folder:
                for key, entry in _set(rows, Path(folder)):
                    results.keep(f"{name}, {key}", entry)


def _set(rows: Rows, place: Path) -> Any:
    files = rows.write(place / "data")
    teacher = vertikit.train(
        TASK, files["data"], test=files["test"], output=place / "teacher", progress=False,
        **({"valid": files["valid"]} if "valid" in files else {}),
    )  # fmt: skip
    for at, (student, settings) in enumerate(STUDENTS.items()):
        yield student, _entry(_student(place, files, f"student-{at}", settings))
    order = rows.train.sample(frac=1, random_state=0)
    few = order.groupby("disease", sort=True).head(FEW)
    few.to_csv(files["data"], index=False)
    texts = rows.train.drop(few.index)["text"]
    more = place / "more.txt"
    more.write_text("\n".join(" ".join(each.split()) for each in texts), encoding="utf-8")
    assert set(few["disease"]) == set(teacher.labels)
    done = _student(place, files, "few", ("backbone=ngrams",), "--unlabelled", str(more))
    yield f"ngrams, {FEW} labelled rows a class", _entry(done)


def _student(place: Path, files: dict[str, Path], name: str, settings: tuple[str, ...], *more: str) -> Any:
    """`vertikit distill` as a user types it."""
    options = [part for each, path in files.items() for part in (f"--{each}", str(path))]
    chosen = [part for each in settings for part in ("--set", each)]
    done = subprocess.run(
        [COMMAND, "distill", place / "teacher", *options, *chosen, *more, "--output", place / name],
        env={**os.environ, "VERTIKIT_CACHE": str(place / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"vertikit distill failed: {done.stderr[-2000:]}")
    return vertikit.load(place / name)


def _entry(student: Any) -> dict[str, Any]:
    told = student.metrics["teacher"]
    return {
        "rows": student.metrics["rows"]["train"] + student.metrics["rows"]["valid"],
        "unlabelled": told["rows"],
        "test": student.metrics["rows"]["test"],
        **{side: told[side]["macro_f1"] for side in ("teacher", "student", "alone")},
        "closed": told["closed"],
        "parameters": told["parameters"],
        "seconds": round(student.metrics["seconds"]["total"], 1),
    }
