"""education/grading on two real sets, beside the trade's simple graders on the same rows, and a second grader."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.grading_sets import SAF, SPRAG, read
from benchmarks.kit import COMMAND
from benchmarks.results import Results

Entry = dict[str, Any]
NAMES = ("qwk", "rmse", "pearson", "concordance", "smd")
SPRAG_MAP = (
    "reference=reference_answer",
    "answer=student_answer",
    "grade=score1",
    "grade2=score2",
    "group=subject",
)
SAF_MAP = ("reference=reference_answer", "answer=response", "grade=score", "question_id=file", "group=module")
COSINE = (
    "combine=cosine",
    "optimiser.rate=0.01",
    "head.dropout=0.0",
    "experts=[]",
    "blend=null",
    "evaluation.compare_experts=false",
)


@dataclass(frozen=True)
class Case:
    """Rows of a set and how they are split.

    Args:
        rows: of the set, where not all are taken: a condition for `DataFrame.query`.
        parts: the set's own parts: column, the value that trains, those that test. settings: of the recipe.
    """

    data: str
    mapping: tuple[str, ...]
    rows: str = ""
    parts: tuple[str, str, tuple[str, ...]] | None = None
    settings: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ("majority", "overlap-ridge", "character-ridge", "tfidf-ridge")


OFFICIAL = ("split", "train", ("unseen_answers", "unseen_questions"))
NUMBERS = ("mean", "overlap-ridge", "character-ridge", "tfidf-ridge")
SUBMITTED = "~response.str.strip().str.casefold().str.startswith('no submission')"
CONTINUOUS = ("split.test=0", "scale.minimum=0", "scale.maximum=1", "scale.step=0")
CASES = {
    **{f"sprag, split {seed}": Case(SPRAG, SPRAG_MAP, settings=(f"seed={seed}",)) for seed in range(2)},
    "saf, English": Case(SAF, SAF_MAP, "lang == 'en'", OFFICIAL, CONTINUOUS, NUMBERS),
    "saf, English, without «No submission»": Case(
        SAF, SAF_MAP, f"lang == 'en' and {SUBMITTED}", OFFICIAL, CONTINUOUS, NUMBERS
    ),
    "saf, German": Case(SAF, SAF_MAP, "lang == 'de'", OFFICIAL, CONTINUOUS, NUMBERS),
}


def run(only: str = "") -> None:
    """The default recipe with all simple graders in its own run, and the encoder's cosine alone."""
    results = Results("grading")
    for name, case in CASES.items():
        for side, settings in (("default", ()), ("encoder cosine", COSINE)):
            key = f"{name}/{side}"
            if only in key:
                results.keep(key, _train(case, settings, with_baselines=side == "default"))


def _train(case: Case, settings: tuple[str, ...], *, with_baselines: bool) -> Entry:
    """`vertikit train` with the task's own recipe and these settings, on the case's rows."""
    table = _table(case)
    with tempfile.TemporaryDirectory() as folder:
        files = _written(case, table, Path(folder))
        output = Path(folder) / "run"
        baselines = case.baselines if with_baselines else case.baselines[:1]
        chosen = (*case.settings, *settings, f"baselines=[{','.join(baselines)}]")
        command = [
            str(COMMAND),
            *("train", "education/grading"),
            *files,
            *(part for each in case.mapping for part in ("--map", each)),
            *(part for each in chosen for part in ("--set", each)),
            *("--output", str(output)),
        ]
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"vertikit train failed: {done.stderr[-2000:]}")
        metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    return {
        "command_seconds": round(seconds, 1),
        "rows": metrics["rows"],
        "sides": _sides(metrics),
        "second": _named(metrics["second"]["second"]) if "second" in metrics else None,
        "difference": metrics.get("difference"),
        "to_teacher": metrics["policy"].get("account"),
        "probes": {
            name: each.get("share") for name, each in (metrics.get("probes") or {}).get("probes", {}).items()
        },
    }


def _sides(metrics: Entry) -> dict[str, dict[str, Entry]]:
    """Test part -> side -> metric -> value with interval."""
    deciding = "unseen_questions" if "unseen_questions" in metrics["rows"] else "test"
    found = {deciding: {"model": metrics["test"], **metrics["baselines"]}}
    if "alone" in metrics:
        found[deciding]["model without its blend"] = metrics["alone"]
    for part, each in metrics["tests"].items():
        found[part] = {"model": each, **each["baselines"]}
    return {
        part: {side: _named(measured) for side, measured in sides.items()} for part, sides in found.items()
    }


def _named(measured: Entry) -> Entry:
    return {name: measured[name] for name in NAMES if name in measured}


def _table(case: Case) -> pd.DataFrame:
    table = read(case.data)
    return table.query(case.rows, engine="python") if case.rows else table


def _written(case: Case, table: pd.DataFrame, folder: Path) -> list[str]:
    """Options that name the files."""
    if case.parts is None:
        table.to_csv(folder / "all.csv", index=False)
        return ["--data", str(folder / "all.csv")]
    column, training, tests = case.parts
    options = []
    for part in (training, *tests):
        path = folder / f"{part}.csv"
        table[table[column] == part].to_csv(path, index=False)
        options += ["--data", str(path)] if part == training else ["--test", f"{part}={path}"]
    return options
