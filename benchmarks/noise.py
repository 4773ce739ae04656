"""`vertikit check --noise` on labels that were changed at random: how many of these it lists, and how many others."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.kit import COMMAND
from benchmarks.machines import FAULT, MODES
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows
from benchmarks.table_sets import TABLES

SHARE = 0.05
SEEDS = (0, 1, 2)
TEXTS, TABLE = "symptom2disease", "ai4i2020"
_ESTIMATED = re.compile(r"estimated share of wrong labels ([\d.]+)%")
_JUDGE = re.compile(r"judged by (.+?); labelled")


def run(only: str = "") -> None:
    """Each set, three draws of the rows whose label is changed to any other class."""
    results = Results("noise")
    for name, rows, target, options in (_texts(), _table()):
        for seed in SEEDS:
            if only in f"{name}, {seed}":
                results.keep(f"{name}, {seed}", _taken(rows, target, options, seed))


def _texts() -> tuple[str, pd.DataFrame, str, list[str]]:
    own = clean_rows(TEXTS)
    rows = pd.concat([own.train, own.test])
    folded = rows["text"].str.casefold().str.split().str.join(" ")
    # A changed label of a text that stands twice would be a conflict, which cleaning takes out.
    return TEXTS, rows[~folded.duplicated()].reset_index(drop=True), "disease", [TASK]


def _table() -> tuple[str, pd.DataFrame, str, list[str]]:
    rows = pd.read_csv(TABLES[TABLE].path(), dtype=str)
    drop = [part for name in MODES for part in ("--drop", name)]
    return TABLE, rows, "Machine failure", [FAULT, "--map", "fault=Machine failure", *drop]


def _taken(rows: pd.DataFrame, target: str, options: list[str], seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    at = random.permutation(len(rows))[: round(SHARE * len(rows))]
    labels = sorted(rows[target].unique())
    changed = rows[target].to_numpy(object, copy=True)
    for place in at:
        changed[place] = random.choice([label for label in labels if label != changed[place]])
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "rows.csv", Path(folder) / "noise.csv"
        rows.assign(**{target: changed}).to_csv(path, index=False)
        started = time.perf_counter()
        done = subprocess.run(
            [COMMAND, "check", *options, "--data", path, "--noise", "--output", output],
            env={**os.environ, "VERTIKIT_CACHE": str(Path(folder) / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"vertikit check failed: {done.stderr[-2000:]}")
        found = pd.read_csv(output)
    listed, wrong = set(found["row"]), {int(place) + 1 for place in at}
    judge, estimated = _JUDGE.search(done.stdout), _ESTIMATED.search(done.stdout)
    assert judge is not None and estimated is not None
    return {
        "rows": len(rows),
        "classes": len(labels),
        "changed": len(wrong),
        "listed": len(listed),
        "precision": round(len(listed & wrong) / max(len(listed), 1), 3),
        "recall": round(len(listed & wrong) / len(wrong), 3),
        "estimated_percent": float(estimated[1]),
        "judge": judge[1],
        "seconds": round(seconds, 1),
    }
