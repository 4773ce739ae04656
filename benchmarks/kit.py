"""Vertikit as a user calls it: `vertikit train` as a command, its figures read from the run folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.rows import TASK, Rows
from benchmarks.scoring import macro_f1

COMMAND = Path(sys.executable).with_name("vertikit")


@dataclass(frozen=True)
class KitRun:
    """A finished run: wall-clock seconds of the whole command, metrics.json, predictions of the test rows."""

    command_seconds: float
    metrics: dict[str, Any]
    predictions: pd.DataFrame

    @property
    def model_seconds(self) -> float:
        """From features to best head, its choice included (with tokenising; without loading, baselines, judging)."""
        seconds = self.metrics["seconds"]
        return float(seconds["features"] + seconds["train"] + seconds.get("choose", 0.0))


def train_command(rows: Rows, folder: Path, *settings: str) -> KitRun:
    """`vertikit train` on those rows, features cold; RuntimeError with its last words where it fails."""
    files = rows.write(folder / "data")
    output = folder / "run"
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    chosen = [part for each in settings for part in ("--set", each)]
    started = time.perf_counter()
    done = subprocess.run(
        [COMMAND, "train", TASK, *options, *chosen, "--output", output],
        env={**os.environ, "VERTIKIT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"vertikit train failed: {done.stderr[-2000:]}")
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    predictions = pd.read_parquet(output / "predictions.parquet")
    if len(predictions) != len(rows.test):
        raise RuntimeError(f"judged {len(predictions)} of {len(rows.test)} test rows")
    return KitRun(seconds, metrics, predictions)


def score(run: KitRun, rows: Rows) -> dict[str, object]:
    """Macro-F1 of a run's predictions; they are in the order of the test file."""
    said = run.predictions
    if list(said["truth"]) != list(rows.test["disease"]):
        raise RuntimeError("predictions are not in the order of the test rows")
    return macro_f1(list(said["truth"]), list(said["disease"]), groups_of(rows))


def groups_of(rows: Rows) -> list[object] | None:
    """Groups of the test rows, where the set has them."""
    return list(rows.test["patient"]) if "patient" in rows.test else None
