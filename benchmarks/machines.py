"""manufacturing/fault and fault-kind on four real sets, by their default recipes, beside gradient boosting and logistic
regression on the very same columns (of windows: on what the experts compute of them)."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kit import COMMAND
from benchmarks.results import Results
from benchmarks.table_sets import TABLES

Entry = dict[str, Any]
FAULT, KIND = "manufacturing/fault", "manufacturing/fault-kind"
SHOWN = {
    FAULT: ("average_precision", "f1", "false_alarm_rate", "missed_alarm_rate"),
    KIND: ("macro_f1", "accuracy"),
}
SEEDS = (0, 1, 2)
MODES = ("TWF", "HDF", "PWF", "OSF", "RNF")
FILE = Path(__file__).parents[1] / "docs" / "ai4i2020-rules.yaml"
RULES = ("--set", f"experts=[{{name: rules, file: {FILE}, use: [features]}}]")
EXPERTS = {"alone": "experts alone", "without": "model without experts", "with": "model with experts"}


def run(only: str = "") -> None:
    """All sets, all sides."""
    results = Results("machines")
    sides: dict[str, Callable[[Path], Entry]] = {
        "ai4i2020": _ai4i,
        "ai4i2020/rules": lambda folder: _ai4i(folder, RULES),
        "skab": _skab,
        "cwru_bearing": _bearings,
        "tennessee_eastman/detect": lambda folder: _process(folder, FAULT),
        "tennessee_eastman/kind": lambda folder: _process(folder, KIND),
    }
    for key, take in sides.items():
        if only in key:
            with tempfile.TemporaryDirectory() as folder:
                results.keep(key, take(Path(folder)))


def _ai4i(folder: Path, further: tuple[str, ...] = ()) -> Entry:
    """Rows of a table without the columns that hold a failure's mode; blocks of neighbouring rows, three splits."""
    drop = [part for name in MODES for part in ("--drop", name)]
    options = ["--data", TABLES["ai4i2020"].path(), "--map", "fault=Machine failure", *drop, *further]
    return _together(
        [_trained(FAULT, folder / f"run-{seed}", [*options, "--seed", str(seed)]) for seed in SEEDS]
    )


def _skab(folder: Path) -> Entry:
    """Windows of a minute, labelled as their last second; experiments whole, three splits; and the latest held out."""
    options = ["--data", TABLES["skab"].path(), "--map", "fault=anomaly", "--map", "unit=experiment"]
    options += ["--map", "time=datetime", "--drop", "changepoint"]
    options += ["--set", "reshape.window=60", "--set", "reshape.stride=10", "--set", "split.name=grouped"]
    return _together(
        [_trained(FAULT, folder / f"run-{seed}", [*options, "--seed", str(seed)]) for seed in SEEDS]
    )


def _bearings(folder: Path) -> Entry:
    """Windows of 2,048 readings of each record, the kind of fault; each load is tested once by the other three.

    The lone record without a fault is left out: it has one load, so it cannot be on both sides of this split.
    """
    return _together(
        [_trained(KIND, folder / f"run-{load}", bearings(folder, load)) for load in ("0", "1", "2", "3")]
    )


def bearings(folder: Path, load: str) -> list[Any]:
    """The options that name the windows, that load as the test."""
    signals = TABLES["cwru_bearing"].path()
    with signals.with_name("meta.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fault"] != "normal"]
    parts = {
        "data": [r for r in rows if r["load_hp"] != load],
        "test": [r for r in rows if r["load_hp"] == load],
    }
    paths = {name: folder / f"{name}-{load}.csv" for name in parts}
    for name, part in parts.items():
        with paths[name].open("w", newline="") as file:
            writer = csv.DictWriter(file, ("recording", "kind", "unit"))
            writer.writeheader()
            writer.writerows(
                {"recording": f"signal[{r['row']}]", "kind": r["fault"], "unit": r["load_hp"]} for r in part
            )
    options = ["--data", paths["data"], "--test", paths["test"], "--root", signals]
    return [*options, "--set", "reshape.window=2048"]


def _process(folder: Path, task: str) -> Entry:
    """Windows of an hour (20 readings); the first three quarters of each training run train, the rest validates, the
    test runs test: from their reading 160 on the fault is there."""
    arrays = TABLES["tennessee_eastman"].path()
    paths = {name: folder / f"{name}.csv" for name in ("data", "valid", "test")}
    rows: dict[str, list[tuple[str, str]]] = {name: [] for name in paths}
    for number in range(22):
        kind = f"fault{number:02}"
        rows["data"].append((f"{kind}_train[:360]", kind))
        rows["valid"].append((f"{kind}_train[360:]", kind))
        if number:
            rows["test"] += [(f"{kind}_test[:160]", "fault00"), (f"{kind}_test[160:]", kind)]
        else:
            rows["test"].append((f"{kind}_test", kind))
    for name, part in rows.items():
        with paths[name].open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("recording", "fault" if task == FAULT else "kind"))
            writer.writerows((cell, int(kind != "fault00") if task == FAULT else kind) for cell, kind in part)
    options = [part for name, path in paths.items() for part in (f"--{name}", path)]
    options += ["--root", arrays, "--set", "reshape.window=20", "--set", "reshape.stride=10"]
    return _together([_trained(task, folder / "run", options)])


def _trained(task: str, output: Path, options: list[Any]) -> Entry:
    """`vertikit train` with the task's own recipe; what it and its baselines reach on the test."""
    started = time.perf_counter()
    command = [COMMAND, "train", task, *map(str, options), "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"vertikit train failed: {done.stderr[-2000:]}")
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    compared = {EXPERTS[key]: found for key, found in metrics.get("experts", {}).items() if key in EXPERTS}
    sides = {
        "vertikit": metrics["test"],
        "model alone": metrics.get("alone", metrics["test"]),
        **metrics["baselines"],
        **compared,
    }
    return {
        "task": task,
        "rows": {part: metrics["rows"][part] for part in ("train", "valid", "test")},
        "seconds": round(seconds, 1),
        "difference": metrics["difference"],
        "sides": {
            side: {name: found[name]["value"] if name in found else None for name in SHOWN[task]}
            for side, found in sides.items()
        },
    }


def _together(runs: list[Entry]) -> Entry:
    """The means over runs, with each run's own figures."""
    sides = {
        side: {name: _mean([each["sides"][side][name] for each in runs]) for name in runs[0]["sides"][side]}
        for side in runs[0]["sides"]
    }
    return {"task": runs[0]["task"], "mean": sides, "runs": runs}


def _mean(values: list[float | None]) -> float | None:
    """None where a run has none."""
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 4) if len(known) == len(values) else None
