"""What there is to say of sensors before anything is learnt from them: one that is stuck, and runs without readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.prepare.places import several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.prepare.reshape.runs import Runs
    from vertikit.windows import Windows

STUCK = 50
"""Readings in a row that are the same to the last digit, of a sensor that usually changes."""
CHANGES = 0.5
EMPTY = 50
MOST_NAMED = 8
"""Readings in a row that are missing."""


@dataclass(frozen=True)
class _Stretches:
    """Of one sensor: in how many units it has long ones, and the longest, with its first and last row."""

    name: str
    units: int
    longest: int
    rows: tuple[int, int]


def sensor_notes(windows: Windows, runs: Runs) -> list[str]:
    """A sentence on sensors that stand still, and one on those that are silent for long."""
    import numpy as np

    if windows.rows is None:
        return []
    same_run = np.diff(runs.run) == 0
    stuck, silent = [], []
    for at, name in enumerate(windows.names):
        values = np.asarray(windows.readings[:, at])
        known = np.isfinite(values)
        both = same_run & known[1:] & known[:-1]
        still = both & (np.diff(values) == 0)
        if both.any() and still.sum() <= CHANGES * both.sum():
            stuck += _long(name, still, STUCK, windows.rows, runs)
        silent += _long(name, same_run & ~known[1:] & ~known[:-1], EMPTY, windows.rows, runs)
    return [
        *_told(stuck, f"sensors are stuck, with one and the same reading for {STUCK} rows in a row or more"),
        *_told(silent, f"sensors are silent, without a reading for {EMPTY} rows in a row or more"),
    ]


def _long(name: str, alike: NDArray[np.bool_], least: int, numbers: Indices, runs: Runs) -> list[_Stretches]:
    """Stretches where each reading is like the one before it, where some are long."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], alike.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts + 1
    long = lengths >= least
    if not long.any():
        return []
    worst = int(np.argmax(lengths))
    units = len(np.unique(runs.unit[starts[long]]))
    rows = int(numbers[starts[worst]]), int(numbers[ends[worst]])
    return [_Stretches(name, units, int(lengths[worst]), rows)]


def _told(found: list[_Stretches], what: str) -> list[str]:
    if not found:
        return []
    worst = max(found, key=lambda each: each.longest)
    names = ", ".join(f"{each.name} (in {several(each.units, 'unit')})" for each in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return [
        f"{what}: {names}{more}; the longest, of {worst.name}, has {several(worst.longest)} "
        f"({worst.rows[0]} to {worst.rows[1]})"
    ]
