"""How fast the command answers before any work, alone and beside many plugins, and what it has imported by then."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.kit import COMMAND
from benchmarks.results import Results

HEAVY = ("torch", "transformers", "pandas", "sklearn", "datasets")
VERBS = {"vertikit --help": ["--help"], "vertikit tasks": ["tasks"]}
PLUGINS, TURNS = 100, 15
MODULE = """from vertikit import hookimpl

vertikit_api = "1.1"


@hookimpl
def register_heads(register):
    register("{name}-head", "{name}_kit:Head", summary="a head")


@hookimpl
def register_metrics(register):
    register("{name}-metric", "{name}_kit:metric", summary="a metric")
"""
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
    if only in "plugins":
        with tempfile.TemporaryDirectory() as folder:
            results.keep(f"vertikit tasks, {PLUGINS} plugins", beside_plugins(Path(folder)))


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


def beside_plugins(site: Path) -> dict[str, object]:
    """Seconds of `vertikit tasks` with none and with many plugins of others, in turns; medians."""
    for number in range(PLUGINS):
        name = f"trade{number:03}"
        (site / f"{name}_kit.py").write_text(MODULE.format(name=name))
        info = site / f"vertikit_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vertikit-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[vertikit]\n{name} = {name}_kit\n")
    paths = {"alone": os.environ.get("PYTHONPATH", "")}
    paths["beside"] = os.pathsep.join([*filter(None, [paths["alone"]]), str(site)])
    seconds: dict[str, list[float]] = {side: [] for side in paths}
    for turn in range(TURNS + 1):
        for side, path in paths.items():
            started = time.perf_counter()
            subprocess.run(
                [COMMAND, "tasks"], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True
            )
            if turn:  # the first compiles
                seconds[side].append(time.perf_counter() - started)
    added = [beside - alone for alone, beside in zip(seconds["alone"], seconds["beside"], strict=True)]
    return {
        "alone": round(statistics.median(seconds["alone"]), 3),
        "beside": round(statistics.median(seconds["beside"]), 3),
        "added_ms": round(1000 * statistics.median(added)),
    }
