"""How fast the command answers before any work: median of five, warm, and what it has imported by then."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time

from benchmarks.kit import COMMAND
from benchmarks.results import Results

HEAVY = ("torch", "transformers", "pandas", "sklearn", "datasets")
VERBS = {"vertikit --help": ["--help"], "vertikit tasks": ["tasks"]}
IMPORTED = """
import sys
from vertikit.cli import main
try:
    main()
except SystemExit:
    pass
print(",".join(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


def run(only: str = "") -> None:
    """Both verbs; `only` is a part of the name of one."""
    results = Results("startup")
    for name, arguments in VERBS.items():
        if only in name:
            results.keep(name, measure(arguments))


def measure(arguments: list[str]) -> dict[str, object]:
    """Median, all five, and the heavy libraries found in sys.modules (there should be none)."""
    times, processor = [], []
    for _ in range(6):
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([COMMAND, *arguments], capture_output=True, check=True)
        times.append(round(time.perf_counter() - started, 3))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(heavy=HEAVY), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    imported = (
        [name for name in done.stderr.strip().splitlines()[-1].split(",") if name]
        if done.stderr.strip()
        else []
    )
    return {
        "median": statistics.median(times[1:]),
        "seconds": times[1:],
        "processor_median": round(statistics.median(processor[1:]), 3),
        "imported": imported,
    }
