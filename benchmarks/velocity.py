"""From a file of generated payments to what a model trains on, one million and ten: rows a second and peak memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import Results

MILLION = 1_000_000
SIZES = (MILLION, 10 * MILLION)
DAYS, CARDS_A_MILLION, TERMINALS_A_MILLION = 183, 5_000, 10_000
SECONDS_BETWEEN_LOOKS = 0.1


def run(only: str = "") -> None:
    """Each size in a process of its own, so that its peak is its own."""
    results = Results("velocity")
    for size in SIZES:
        key = f"{size:,} payments"
        if only in key:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "payments.csv"
                write(path, size)
                command = [sys.executable, "-m", "benchmarks.velocity", str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"benchmarks.velocity failed: {done.stderr[-2000:]}")
            results.keep(key, json.loads(done.stdout.splitlines()[-1]))


def write(path: Path, size: int) -> None:
    """Payments of cards with heavy-tailed habits over half a year, as CSV."""
    import pyarrow as pa
    from pyarrow import csv

    random = np.random.default_rng(0)
    cards, terminals = (size * each // MILLION for each in (CARDS_A_MILLION, TERMINALS_A_MILLION))
    habits = random.pareto(1.5, cards) + 0.2

    def names(mark: str, numbers: Any, kinds: int) -> Any:
        known = pa.array([f"{mark}{at}" for at in range(kinds)])
        return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), known).cast(pa.string())

    seconds = np.sort(random.integers(0, DAYS * 86_400, size)) + 1_520_000_000
    table = pa.table(
        {
            "id": np.arange(size),
            "time": pa.array(seconds.astype("datetime64[s]")).cast(pa.timestamp("s")),
            "card": names("c", random.choice(cards, size, p=habits / habits.sum()), cards),
            "terminal": names("m", random.integers(0, terminals, size), terminals),
            "amount": random.lognormal(3, 1, size).round(2),
            "channel": names("k", random.integers(0, 5, size), 5),
            "fraud": (random.random(size) < 0.01).astype(np.int64),
        }
    )
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="none"))


def measure(path: Path) -> dict[str, object]:
    """Seconds and peaks of each stage: read, check and split; window features; the tensors of the default backbone."""
    from vertikit.adapt.expertise import added_columns, build_experts, with_expertise
    from vertikit.adapt.table_values import table_values
    from vertikit.prepare.prepared import Sources
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry
    from vertikit_plugins.backbones.table import tabm

    memory = Memory()
    known = registry()
    task = known.task("finance/fraud")
    recipe = resolve_recipe(task, known, layers=[])
    stages: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        started = time.perf_counter()
        data = prepare(task, Sources((str(path),)), recipe, known, Path(folder), lambda _: None)
        stages["read, checked, split"] = memory.stage(started, len(data.examples))
        started = time.perf_counter()
        experts = build_experts(data.task, recipe, known, data.examples.table.column_names)
        truth = data.examples.values(task.target.name)
        examples = with_expertise(data.examples, experts, truth, Path(folder))
        stages["window features"] = memory.stage(started, len(data.examples))
        started = time.perf_counter()
        columns = (*data.task.inputs, *added_columns(experts))
        train = data.folds[0].train
        train = np.sort(np.random.default_rng(0).permutation(train)[:MILLION])
        backbone = tabm().build()
        backbone.fit(columns, table_values(columns, examples.take(train)))
        items = backbone.items(table_values(columns, examples))
        stages["scales and tensors"] = memory.stage(started, len(data.examples))
    seconds = sum(each["seconds"] for each in stages.values())
    return {
        "rows": len(items.numbers),
        "columns": items.numbers.shape[1],
        "added": len(added_columns(experts)),
        "stages": stages,
        "seconds": round(seconds, 1),
        "processor_seconds": round(sum(each["processor_seconds"] for each in stages.values()), 1),
        "rows_per_second": round(len(items.numbers) / seconds),
        "peak_memory_mb": memory.highest,
        "peak_with_mapped_files_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class Memory:
    """The most memory of its own that this process has held, looked at ten times a second (Linux)."""

    def __init__(self) -> None:
        self.highest = 0
        self._since = 0
        self._processor = time.process_time()
        threading.Thread(target=self._watch, daemon=True).start()

    def stage(self, started: float, rows: int) -> dict[str, float]:
        """Seconds since the start of a stage, rows a second, and its own peak."""
        seconds = time.perf_counter() - started
        processor, self._processor = time.process_time() - self._processor, time.process_time()
        peak = self.highest_since()
        return {
            "seconds": round(seconds, 1),
            "processor_seconds": round(processor, 1),
            "rows_per_second": round(rows / seconds),
            "peak_memory_mb": peak,
        }

    def highest_since(self) -> int:
        """The peak since this was asked last, in MB."""
        peak, self._since = max(self._since, own_mb()), 0
        self.highest = max(self.highest, peak)
        return peak

    def _watch(self) -> None:
        while True:
            self._since = max(self._since, own_mb())
            time.sleep(SECONDS_BETWEEN_LOOKS)


def own_mb() -> int:
    """Without pages of files that are mapped: the system takes those back when others need the room."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
