"""Windows of recordings, each of which is what a row names in a file of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.places import several
from vertikit.prepare.reading import Rows
from vertikit.prepare.reshape.cutting import Cut, cut
from vertikit.prepare.reshape.recordings import Recordings, in_readings, read_recordings
from vertikit.prepare.reshape.reshaped import (
    EXAMPLES,
    READINGS,
    Left,
    Reshaped,
    channel_names,
    task_of_examples,
)
from vertikit.prepare.roots import Root
from vertikit.prepare.row_file import ROW, row_table, write_rows
from vertikit.registry import Registry
from vertikit.series_columns import Recording
from vertikit.task import Task
from vertikit.windows import Windows

if TYPE_CHECKING:
    from vertikit.examples import Examples, Indices
    from vertikit.recipe.examples import Reshape


def windows_of_recordings(
    task: Task,
    column: Recording,
    rows: Rows,
    choice: Reshape,
    folder: Path,
    *,
    targets: bool,
    registry: Registry,
    root: Root,
) -> Reshaped:
    """Windows of each recording, labelled as its row; or each recording whole, where the recipe has no window."""
    import numpy as np

    if choice.horizon is not None or choice.gap is not None:
        key = "horizon" if choice.horizon is not None else "gap"
        raise UsageError(
            f"reshape.{key} is for rows over time, and here a row names a recording.",
            f"Leave it out: --set reshape.{key}=null",
        )
    read = read_recordings(rows.examples.column(column.name), root, registry, folder / READINGS)
    found = _cut(read, choice)
    left = Left.of(rows)
    for at, why in sorted(read.bad.items()):
        left.add(at, why)
    starts = read.bounds[:, 0]
    for start, stop in found.short.tolist():
        at = int(read.row[np.searchsorted(starts, start, side="right") - 1])
        left.add(
            at,
            f"its recording is too short for a window of {choice.window} ({several(stop - start, 'reading')})",
        )
    if not len(found.start) and targets:
        raise VertikitError(
            f"none of the {several(len(rows.examples), 'recording')} can be used: {left.found[-1].reason}.",
            "Name where they lie with --root FOLDER_OR_ARCHIVE, or give a shorter window: --set reshape.window=…",
        )
    names = tuple(channel_names(column.name, read.readings.shape[1]))
    which = np.searchsorted(starts, found.start, side="right") - 1
    windows = Windows(read.readings, names, found.start, found.stop, found.stop, origin=starts[which])
    row = read.row[which]
    if targets:
        known = rows.examples.codes(task.target.name)[row] >= 0
        windows, row = windows.take(np.flatnonzero(known)), row[known]
    lines, left_lines = left.lines(rows.position[row])
    channels = {column.name: len(names)}
    return Reshaped(
        task_of_examples(task, choice, channels),
        _examples(rows.examples, column.name, row, windows, folder / EXAMPLES),
        folder / EXAMPLES,
        lines,
        tuple(left.found),
        left_lines,
        (_summary(read, windows, row),),
        channels,
    )


def _cut(read: Recordings, choice: Reshape) -> Cut:
    import numpy as np

    if choice.window is None:
        return Cut(read.bounds[:, 0], read.bounds[:, 1], np.empty((0, 2), np.int64))
    window = in_readings(choice.window, read.rate, "window")
    stride = window if choice.stride is None else in_readings(choice.stride, read.rate, "stride")
    return cut(read.bounds, choice.model_copy(update={"window": window, "stride": stride}), None)


def _examples(rows: Examples, column: str, row: Indices, windows: Windows, path: Path) -> Examples:
    """A line per window with what its row holds beside the recording."""
    import pyarrow as pa

    at = pa.array(row)
    columns = {
        name: rows.chunks(name).take(at).combine_chunks()
        for name in rows.table.column_names
        if name != column
    }
    table = pa.table({**columns, ROW: pa.array(rows.rows[row])})
    write_rows(path, table.schema, table.to_batches(10_000))
    return replace(rows.take(row), table=row_table(path), windows=windows)


def _summary(read: Recordings, windows: Windows, row: Indices) -> str:
    low, high = (windows.lengths.min(), windows.lengths.max()) if len(windows) else (0, 0)
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    rate = f" at {read.rate:g} Hz" if read.rate else ""
    return (
        f"windows: {len(windows):,} of {size} readings from {several(len(set(row.tolist())), 'recording')} of "
        f"{several(len(windows.names), 'channel')}{rate}"
    )
