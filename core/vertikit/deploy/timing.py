"""What a run takes to answer, measured where it runs: one row, many rows, and the bytes of its weights."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.compress.steps import weight_bytes
from vertikit.deploy.predicting import read_examples
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Data
    from vertikit.run.run import Run

WARM_UP = 3
SINGLES = 50
"""Rows that are answered one by one, at most."""
FEWEST = 5
MANY = 2000
"""Rows that are answered at once, at most."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one row alone, median and 95th percentile; rows a second of many at once; bytes of the weights of
    networks; how many rows were timed alone; bytes of memory that the run takes beside what its libraries do, where it
    was measured in a process of its own."""

    p50: float
    p95: float
    rows_per_second: float
    weight_bytes: int
    rows: int
    memory: int | None = None


def timed(
    run: Run,
    rows: Data,
    *,
    mapping: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    root: str = "",
) -> Timing:
    """Answer those rows one by one and many at once, from parsed values to answers; reading the file is not counted.

    VertikitError where fewer than five of them can be used.
    """
    parts = run.parts
    with tempfile.TemporaryDirectory(prefix="vertikit-timing-") as folder:
        found = read_examples(run, rows, mapping or {}, drop, root, Path(folder), targets=False).examples
        if len(found) < FEWEST:
            raise VertikitError(
                f"{run.folder}: {len(found)} of these rows can be used, too few to time.",
                f"Give {FEWEST} or more.",
            )
        examples = parts.known(found.take(np.arange(min(MANY, len(found)))), run.task)
        singles = []
        for at in range(min(SINGLES, len(examples)) + WARM_UP):
            one = examples.take(np.array([at % len(examples)]))
            started = time.perf_counter()
            parts.answers(parts.raw(one), one)
            singles.append(1000 * (time.perf_counter() - started))
        singles = singles[WARM_UP:]
        started = time.perf_counter()
        parts.answers(parts.raw(examples), examples)
        whole = time.perf_counter() - started
    return Timing(
        statistics.median(singles),
        float(np.percentile(singles, 95)),
        len(examples) / whole,
        weight_bytes(parts.assembled.model),
        len(singles),
    )
