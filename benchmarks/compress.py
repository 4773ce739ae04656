"""A run made smaller: bytes, time and quality beside the same run in onnxruntime, on one thread."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import vertikit
from benchmarks.fraud import DEFAULTS, OPTIONS
from benchmarks.kit import COMMAND
from benchmarks.machines import KIND, bearings
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows
from benchmarks.table_sets import TABLES
from vertikit.deploy.measured import measured_apart
from vertikit.deploy.timing import Timing
from vertikit.prepare.prepared import Sources

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
        KIND,
        ("backbone=resnet1d", "strategy=full", "blend=null", "experts=[]", "baselines=[majority]"),
        ("int8", "prune,int8"),
    ),
}


KEPT = "VERTIKIT_BENCH_RUNS"
"""Variable that names a folder for the runs; those that are there are not made again, but measured again."""
ROUNDS = 3
TIMES = ("p50", "p95", "rows_per_second", "memory")


def run(only: str = "") -> None:
    """Each set: a run, the same run in onnxruntime, and its smaller forms; then all of them are timed in turns."""
    results = Results("compress")
    for name, side in SIDES.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                place = Path(os.environ.get(KEPT) or folder) / name
                for method, entry in _set(name, side, place):
                    results.keep(f"{name}, {method}", entry)


def _set(name: str, side: Side, place: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    data = data_options(name, place)
    chosen = [part for each in side.train for part in ("--set", each)]
    if not (place / "run").exists():
        typed(place, "train", side.task, *data, *chosen, "--output", place / "run")
    methods = (WHOLE, *side.methods)
    for method in methods:
        if not (place / method).exists():
            typed(place, "compress", place / "run", *data, "--method", method, "--output", place / method)
    runs = {name: vertikit.load(place / name) for name in ("run", *methods)}
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in runs}
    os.environ["OMP_NUM_THREADS"] = "1"
    for _ in range(ROUNDS):  # in turns, so that what else the machine does is everybody's
        for each in runs:
            found[each].append(asdict(_timed(place / each, data)))
    for method in methods:
        yield method, _entry(runs[method], found[method], found["run"])


def _timed(folder: Path, data: list[Any]) -> Timing:
    options = list(map(str, data))
    named = dict(each.split("=", 1) for each in _after(options, "--map"))
    drop = tuple(_after(options, "--drop"))
    root = next(iter(_after(options, "--root")), "")
    sources = Sources(data=tuple(_after(options, "--data")), mapping=named, drop=drop, root=root)
    timing = measured_apart(folder, sources)
    if isinstance(timing, str):
        raise RuntimeError(f"{folder}: {timing}")
    return timing


def _after(options: list[str], flag: str) -> list[str]:
    return [value for name, value in pairwise(options) if name == flag]


def data_options(name: str, place: Path) -> list[Any]:
    """The options that name the rows."""
    if name == DEFAULTS:
        return ["--data", TABLES[name].path(), *OPTIONS[name]]
    place.mkdir(parents=True, exist_ok=True)
    if name == BEARINGS:
        return bearings(place, "3")
    files = clean_rows(name).write(place / "data")
    return [part for each, path in files.items() for part in (f"--{each}", path)]


def typed(place: Path, *arguments: Any) -> None:
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


def _entry(smaller: Any, timed: list[dict[str, Any]], whole: list[dict[str, Any]]) -> dict[str, Any]:
    """The scores of the run, and the medians of its times and of those of the run in torch."""
    told = smaller.metrics["compression"]
    primary = smaller.metrics["primary"]

    def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "bytes": rounds[0]["weight_bytes"],
            **{key: statistics.median(each[key] for each in rounds) for key in TIMES},
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
        "rounds": len(timed),
        "after": medians(timed),
        "before": medians(whole),
    }
