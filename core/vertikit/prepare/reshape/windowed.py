"""Windows of a unit's rows, in the order of their time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.places import several
from vertikit.prepare.reading import Rows
from vertikit.prepare.reshape.cutting import Cut, cut_runs
from vertikit.prepare.reshape.reshaped import EXAMPLES, READINGS, Left, Reshaped, task_of_examples
from vertikit.prepare.reshape.runs import Runs, duration, find_runs
from vertikit.prepare.reshape.sensors import sensor_notes
from vertikit.prepare.reshape.targets import Labelled, label_windows
from vertikit.prepare.row_file import ROW, row_table, write_rows
from vertikit.table_columns import Number
from vertikit.task import Task
from vertikit.windows import Windows

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.recipe.examples import Reshape

AFTER = ".after"
"""Added to a target's name: how long after a window it occurs, where a horizon looks ahead."""


def windows_of_rows(task: Task, rows: Rows, choice: Reshape, folder: Path, *, targets: bool) -> Reshaped:
    import numpy as np

    assert choice.window is not None
    sensors = [
        column.name
        for column in task.inputs
        if isinstance(column, Number) and column.name in rows.examples.table.column_names
    ]
    if not sensors:
        raise UsageError(
            "reshape.window makes windows of readings, and the data has no column of numbers.",
            "Leave it out: --set reshape.window=null",
        )
    runs = find_runs(rows.examples, choice.gap, by_rows=isinstance(choice.window, int))
    cut = cut_runs(runs, choice)
    truth = rows.examples.values(task.target.name)
    labelled = label_windows(task.target, truth[runs.order], cut, runs, choice)
    if not len(cut.start) and targets:
        longest = int(np.bincount(runs.run).max(initial=0)) if len(runs.run) else 0
        raise VertikitError(
            f"no window of {_told(choice.window)} fits: the longest stretch of rows without a gap has "
            f"{several(longest)}{_lasting(runs)}.",
            "Give a shorter window (--set reshape.window=…), or a larger gap (--set reshape.gap=…).",
        )
    keep = np.ones(len(cut.start), bool)
    notes = list(runs.notes)
    if targets:
        unknown = np.array([value is None for value in labelled.values], bool)
        late = f"end too late for what follows within {choice.horizon} to be known"
        for out, why in (
            (labelled.failed, f"already hold a row of {task.target.name}: there is nothing left to foresee"),
            (unknown & ~labelled.failed, "have no label" if choice.horizon is None else late),
        ):
            if (out & keep).any():
                notes.append(f"windows: {several(int((out & keep).sum()), 'window')} that {why}: left out")
            keep &= ~out
        if not keep.any():
            raise VertikitError(
                f"none of the {several(len(keep), 'window')} can be used: {notes[-1].partition(': ')[2]}.",
                "Give a shorter reshape.horizon, or rows of a longer time.",
            )
    chosen = np.flatnonzero(keep)
    chosen = chosen[np.argsort(rows.position[runs.order[cut.stop[chosen] - 1]], kind="stable")]
    windows = Windows(
        _readings(rows.examples, sensors, runs.order, folder / READINGS),
        tuple(sensors),
        cut.start[chosen],
        cut.stop[chosen],
        labelled.reach[chosen],
        rows=rows.examples.rows[runs.order],
        times=_times(runs, cut, chosen),
    )
    notes = [_summary(rows, runs, cut, windows), *notes, *sensor_notes(windows, runs)]
    examples = _examples(task, rows.examples, runs, labelled, chosen, windows, folder / EXAMPLES)
    left = _left(rows, runs, cut, choice)
    lines, left_lines = left.lines(rows.position[runs.order[windows.stop - 1]])
    return Reshaped(
        task_of_examples(task, choice),
        examples,
        folder / EXAMPLES,
        lines,
        tuple(left.found),
        left_lines,
        tuple(notes),
    )


def _times(runs: Runs, cut: Cut, chosen: Indices) -> NDArray[np.float64] | None:
    import numpy as np

    if runs.time is None:
        return None
    return np.stack([runs.time[cut.start[chosen]], runs.time[cut.stop[chosen] - 1]], axis=1)


def _readings(examples: Examples, names: list[str], order: Indices, path: Path) -> NDArray[np.float64]:
    """The sensors' columns in order, on disk: a column at a time is in memory."""
    import numpy as np

    shape = (len(order), len(names))
    if not shape[0]:
        return np.empty(shape)
    kept: NDArray[np.float64] = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)
    for at, name in enumerate(names):
        kept[:, at] = examples.numbers(name)[order]
    kept.flush()  # type: ignore[attr-defined]
    return cast("NDArray[np.float64]", np.load(path, mmap_mode="r"))


def _examples(
    task: Task,
    rows: Examples,
    runs: Runs,
    labelled: Labelled,
    chosen: Indices,
    windows: Windows,
    path: Path,
) -> Examples:
    """A line per window: what its last row holds beside the sensors, its target, and how long until that occurs."""
    import numpy as np
    import pyarrow as pa

    last = runs.order[windows.stop - 1]
    columns: dict[str, pa.Array] = {}
    for column in task.columns:
        if column.name in rows.table.column_names and column.name not in windows.names:
            columns[column.name] = rows.chunks(column.name).take(pa.array(last)).combine_chunks()
    columns[task.target.name] = pa.array(labelled.values[chosen], pa.string())
    if labelled.after is not None:
        columns[task.target.name + AFTER] = pa.array(labelled.after[chosen], pa.float64())
    columns[ROW] = pa.array(rows.rows[last])
    table = pa.table(columns)
    write_rows(path, table.schema, table.to_batches(10_000))
    span = None
    if runs.time is not None and labelled.until is not None:
        span = np.stack([runs.time[windows.start], labelled.until[chosen]], axis=1)
    return replace(rows.take(last), table=row_table(path), span=span, windows=windows)


def _left(rows: Rows, runs: Runs, cut: Cut, choice: Reshape) -> Left:
    """Rows that no window can hold, a line for each stretch of them."""
    assert choice.window is not None
    left = Left.of(rows)
    for at, why in sorted(runs.aside.items()):
        left.add(at, why)
    for first, stop in cut.short.tolist():
        left.add(
            int(runs.order[stop - 1]),
            f"a stretch between gaps or ends, too short for a window of {_told(choice.window)} "
            f"({several(stop - first)}, from row {rows.examples.rows[runs.order[first]]})",
        )
    return left


def _summary(rows: Rows, runs: Runs, cut: Cut, windows: Windows) -> str:
    import numpy as np

    covered = windows.touched(ahead=False)
    short = int((cut.short[:, 1] - cut.short[:, 0]).sum())
    low, high = (windows.lengths.min(), windows.lengths.max()) if len(windows) else (0, 0)
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    units = len(np.unique(runs.unit))
    lost = (
        f"; {several(short)} in {several(len(cut.short), 'stretch', 'stretches')} too short" if short else ""
    )
    without = units - len(np.unique(runs.unit[cut.start]))
    whole = f", {without} of them without one" if without else ""
    return (
        f"windows: {len(windows):,} of {size} rows from {several(units, 'unit')}{whole}, with "
        f"{several(len(windows.names), 'sensor')}; they cover {covered.sum():,} of {rows.read:,} rows{lost}"
    )


def _told(length: int | str) -> str:
    return several(length) if isinstance(length, int) else length


def _lasting(runs: Runs) -> str:
    import numpy as np

    if runs.time is None or not len(runs.run):
        return ""
    edges = np.append(np.flatnonzero(np.diff(runs.run, prepend=-1)), len(runs.run))
    spans = runs.time[edges[1:] - 1] - runs.time[edges[:-1]]
    return f" and lasts {duration(float(spans.max()))}"
