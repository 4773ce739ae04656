"""What runs take to answer, each measured in a process of its own: nothing else is in its memory."""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vertikit.deploy.timing import Timing
    from vertikit.prepare.prepared import Sources

LIBRARIES = ("datasets", "onnxruntime", "pandas", "peft", "sklearn.linear_model", "torch", "transformers")
LIMIT = 900
"""Seconds after which a measurement is given up."""


def measured_apart(folder: Path, sources: Sources) -> Timing | str:
    """A run's times and memory on rows of these files; or why it could not be measured."""
    from vertikit.deploy.timing import Timing

    if not all(isinstance(each, str | Path) for each in sources.data):
        return "the rows come from memory and from no file"
    asked = {
        "run": str(folder),
        "data": [str(each) for each in sources.data],
        "mapping": dict(sources.mapping),
        "drop": list(sources.drop),
        "root": sources.root,
    }
    command = [sys.executable, "-m", "vertikit.deploy.measured"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, timeout=LIMIT, check=False
        )
        found: Mapping[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return Timing(**found["timing"]) if "timing" in found else str(found["why"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError, TypeError) as error:
        return f"the process that measures ended without an answer ({type(error).__name__})"


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    import psutil

    for library in LIBRARIES:  # their own memory is there before the run's is counted
        with contextlib.suppress(ImportError):
            importlib.import_module(library)

    from vertikit.deploy.timing import timed
    from vertikit.errors import VertikitError
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    quiet_libraries()
    process = psutil.Process()
    before = process.memory_info().rss
    try:
        run = load(asked["run"])
        timing = timed(
            run, tuple(asked["data"]), mapping=asked["mapping"], drop=asked["drop"], root=asked["root"]
        )
    except VertikitError as error:
        return {"why": str(error)}
    return {"timing": {**asdict(timing), "memory": process.memory_info().rss - before}}


if __name__ == "__main__":
    print(json.dumps(_answer(json.load(sys.stdin))))
