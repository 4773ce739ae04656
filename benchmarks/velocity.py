"""The expert `velocity` on generated payments, one million and ten: rows a second and peak memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np

from benchmarks.results import Results

MILLION = 1_000_000
SIZES = (MILLION, 10 * MILLION)
DAYS, CARDS_A_MILLION, TERMINALS_A_MILLION = 183, 5_000, 10_000


def run(only: str = "") -> None:
    """Each size in a process of its own, so that its peak is its own."""
    results = Results("velocity")
    for size in SIZES:
        key = f"{size:,} payments"
        if only in key:
            command = [sys.executable, "-m", "benchmarks.velocity", str(size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            results.keep(key, json.loads(done.stdout.splitlines()[-1]))


def measure(size: int) -> dict[str, object]:
    """Payments of cards with heavy-tailed habits over half a year; hashing names is part of the work."""
    import pyarrow as pa
    from datasets import Dataset

    from vertikit.examples import Examples
    from vertikit.registry import registry
    from vertikit_plugins.experts.velocity import Velocity

    random = np.random.default_rng(0)
    cards, terminals = (size * each // MILLION for each in (CARDS_A_MILLION, TERMINALS_A_MILLION))
    habits = random.pareto(1.5, cards) + 0.2

    def names(mark: str, numbers: object, kinds: int) -> object:
        known = pa.array([f"{mark}{at}" for at in range(kinds)])
        return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), known).cast(pa.string())

    table = pa.table(
        {
            "time": np.sort(random.integers(0, DAYS * 86_400, size)) * MILLION,
            "amount": random.lognormal(3, 1, size).round(2),
            "card": names("c", random.choice(cards, size, p=habits / habits.sum()), cards),
            "terminal": names("m", random.integers(0, terminals, size), terminals),
            "id": pa.array(np.arange(size)).cast(pa.string()),
        }
    )
    truth = np.where(random.random(size) < 0.01, "fraud", "genuine").astype(object)
    nothing = np.broadcast_to(np.array("", object), size)
    examples = Examples(Dataset(table), np.arange(size), nothing, nothing, span=np.zeros((1, 2)))
    velocity = Velocity(amount="amount")
    velocity.begin(registry().task("finance/fraud"), table.column_names)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    found = velocity.features(examples, truth)
    seconds = time.perf_counter() - started
    return {
        "columns": len(found),
        "seconds": round(seconds, 1),
        "rows_per_second": round(size / seconds),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "memory_before_mb": round(before),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
