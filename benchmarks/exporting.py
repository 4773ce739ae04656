"""A run as a folder that answers without the kit: bytes, how near it answers, and how soon its first answer comes."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.compress import BEARINGS, KEPT, data_options, typed
from benchmarks.fraud import DEFAULTS
from benchmarks.machines import KIND
from benchmarks.results import Results
from benchmarks.rows import TASK
from vertikit.deploy.predicting import read_examples
from vertikit.export.example_rows import example_rows
from vertikit.run.run import load

STARTS = 5


@dataclass(frozen=True)
class Way:
    """A set, how its run is trained, by which method it is made smaller before it leaves, and in which format."""

    set: str
    task: str
    train: tuple[str, ...] = ()
    method: str = ""
    kind: str = "onnx"


WAYS = {
    "symptom2disease, default": Way("symptom2disease", TASK),
    "symptom2disease, default, torch.export": Way("symptom2disease", TASK, kind="torch"),
    "symptom2disease, trim,layers,int8": Way(
        "symptom2disease", TASK, ("strategy=lora", "blend=null"), "trim,layers,int8"
    ),
    f"{DEFAULTS}, tabm and boosted trees": Way(DEFAULTS, "finance/fraud", ("experts=[]", "epochs=4")),
    f"{BEARINGS}, resnet1d": Way(
        BEARINGS,
        KIND,
        ("backbone=resnet1d", "strategy=full", "blend=null", "experts=[]", "baselines=[majority]"),
    ),
}


def run(only: str = "") -> None:
    """Each way: train, make smaller where asked, export on the rows of the set, and start the program five times."""
    results = Results("exporting")
    for name, way in WAYS.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                place = Path(os.environ.get(KEPT) or folder) / name.replace(" ", "-").replace(",", "")
                results.keep(name, _entry(way, place))


def _entry(way: Way, place: Path) -> dict[str, Any]:
    data = data_options(way.set, place)
    own = place / "run"
    if not own.exists():
        chosen = [part for each in way.train for part in ("--set", each)]
        typed(place, "train", way.task, *data, *chosen, "--output", own)
    if way.method:
        small = place / "small"
        if not small.exists():
            typed(place, "compress", own, *data, "--method", way.method, "--output", small)
        own = small
    rows = next(value for flag, value in itertools.pairwise(data) if flag == "--data")
    more = [
        part
        for flag, value in itertools.pairwise(data)
        if flag in ("--map", "--drop", "--root")
        for part in (flag, value)
    ]
    output = place / f"export-{way.kind}"
    if not output.exists():
        typed(place, "export", own, "--format", way.kind, "--data", rows, *more, "--output", output)
    parity = json.loads((output / "parity.json").read_text(encoding="utf-8"))
    sizes = {
        path.relative_to(output).as_posix(): path.stat().st_size
        for path in output.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {
        **{key: parity[key] for key in ("rows", "apart", "otherwise", "metric", "run", "export")},
        "bytes": sum(sizes.values()),
        "graph_bytes": sizes.get("model.onnx") or sizes.get("model.pt2"),
        "start": _start(own, str(rows), more, output, place),
        "kit": _kit(own, str(rows), more, place),
    }


def _start(own: Path, rows: str, more: list[Any], output: Path, place: Path) -> float:
    """Seconds from the start of predict.py to the end of its first answer, the median."""
    run = load(own)
    about = json.loads((output / "model.json").read_text(encoding="utf-8"))
    named = dict(each.split("=", 1) for flag, each in itertools.pairwise(more) if flag == "--map")
    with tempfile.TemporaryDirectory() as folder:
        root = next((str(each) for flag, each in itertools.pairwise(more) if flag == "--root"), "")
        found = read_examples(run, (rows,), named, (), root, Path(folder), targets=False).examples
        one = example_rows(about["inputs"], run.parts.known(found, run.task).take(found.rows[:1] * 0))
    path = place / "one.jsonl"
    path.write_text(json.dumps(one[0]) + "\n", encoding="utf-8")
    return _median([sys.executable, str(output / "predict.py"), str(path)], place)


def _kit(own: Path, rows: str, more: list[Any], place: Path) -> float:
    """Seconds of `vertikit predict` on a few rows of the same file, the median; of tables and texts."""
    if not rows.endswith(".csv"):
        return float("nan")
    import pandas as pd

    few = place / "few.csv"
    pd.read_csv(rows, nrows=1, dtype=str).to_csv(few, index=False)
    taken = []
    for at in range(STARTS):
        started = time.perf_counter()
        typed(place, "predict", own, few, *more, "--output", place / f"answers-{at}.csv")
        taken.append(time.perf_counter() - started)
        (place / f"answers-{at}.csv").unlink()
    return statistics.median(taken)


def _median(command: list[str], place: Path) -> float:
    taken = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, cwd=place)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
