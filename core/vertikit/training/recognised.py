"""Which further examples are, whole or in part, those of a part that judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.prepare.duplicates import compared_columns, folded_texts

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.task import Task
    from vertikit.windows import Windows

RUN = 8
"""Readings in a row that are equal in two places only where they are the same."""


def recognised(task: Task, further: Examples, judged: Examples) -> Indices:
    """Positions of further examples that are judged ones: texts and rows by what is compared of them, pictures by their
    pixels, windows by eight readings in a row."""
    if not len(judged) or not len(further):
        return np.empty(0, np.int64)
    if further.windows is not None and judged.windows is not None:
        return _overlapping(further.windows, judged.windows)
    if further.pictures:
        known: set[Hashable] = set()
        for pictures in judged.pictures.values():
            known |= {
                each.tobytes() for each, there in zip(pictures.keys(), pictures.known, strict=True) if there
            }
        found = [
            at
            for pictures in further.pictures.values()
            for at, (each, there) in enumerate(zip(pictures.keys(), pictures.known, strict=True))
            if there and each.tobytes() in known
        ]
        return np.unique(np.array(found, np.int64))
    names = {column.name for column in compared_columns(task)}
    if not names & set(further.table.column_names):
        return np.empty(0, np.int64)
    texts = set(folded_texts(task, judged))
    return np.array([at for at, text in enumerate(folded_texts(task, further)) if text in texts], np.int64)


def _overlapping(further: Windows, judged: Windows) -> Indices:
    """Windows that hold eight readings in a row of judged ones, of all sensors that both have; readings that stand
    still say nothing."""
    names = [name for name in judged.names if name in further.names]
    if not names:
        return np.empty(0, np.int64)
    known = set(_runs(judged, names)[1].tolist())
    ends, hashes = _runs(further, names)
    marked = np.zeros(len(further.readings), bool)
    marked[ends[np.isin(hashes, list(known))]] = True
    return np.flatnonzero(further.touching(marked))


def _runs(windows: Windows, names: list[str]) -> tuple[Indices, NDArray[np.uint64]]:
    """(positions of the last reading of each run of eight that a window holds, a hash of the run)."""
    touched = windows.touched(ahead=False)
    readings = np.ascontiguousarray(windows.readings[:, [windows.names.index(name) for name in names]])
    whole = np.convolve(touched, np.ones(RUN), "valid") == RUN if len(touched) >= RUN else np.zeros(0, bool)
    still = np.all(readings[1:] == readings[:-1], axis=1) if len(readings) > 1 else np.zeros(0, bool)
    moving = np.convolve(~still, np.ones(RUN - 1), "valid") >= RUN // 2 if len(still) >= RUN - 1 else whole
    starts = np.flatnonzero(whole & moving[: len(whole)])
    each = np.zeros(len(readings), np.uint64)
    numbers = readings.view(np.uint64)
    for column in range(numbers.shape[1]):
        each = _mixed(each ^ (numbers[:, column] + np.uint64(column)))
    found = np.zeros(len(starts), np.uint64)
    for offset in range(RUN):
        found = _mixed(found ^ each[starts + offset])
    return starts + RUN - 1, found


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of 64 bits of each (splitmix64)."""
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))
