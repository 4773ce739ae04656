"""Wide tables, a column a series, made long: a row for each number, with the name of its series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.columns import Group, is_missing
from vertikit.errors import UsageError
from vertikit.prepare.row_file import ROW, as_strings, read_batches, row_schema, write_rows
from vertikit.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.contracts import Loaded

EVERY = "*"
"""What the target is mapped to where every column that has no other role is a series of it."""


def is_wide(task: Task, mapping: Mapping[str, str], columns: Sequence[str], *, remembered: bool) -> bool:
    """Whether the target's numbers stand in a column a series; what a run remembers of its training holds where a file
    has no column of the target's name. UsageError where the task foretells no series."""
    if mapping.get(task.target.name) != EVERY or (remembered and task.target.name in columns):
        return False
    if not task.target.ahead:
        raise UsageError(
            f"--map {task.target.name}={EVERY}: {task.name} has one {task.target.name} a row, not a column a series.",
            f"Name the column: --map {task.target.name}=COLUMN",
        )
    if series_column(task) is None:
        raise UsageError(
            f"{task.name} takes one series, and a column a series are several.", "Name one column."
        )
    return True


def series_column(task: Task) -> Group | None:
    """The column that names the series of a row: a group that splits do not keep whole."""
    groups = (column for column in task.columns if isinstance(column, Group) and not column.kept_whole)
    return next(groups, None)


def melted(
    loaded: Loaded, source: str, task: Task, mapping: Mapping[str, str], drop: Sequence[str], path: Path
) -> Loaded:
    """The table with a row for each number of each series, in the order of its rows; written to `path`.

    UsageError where a column that would be a series holds no numbers, or none is left.
    """
    series = series_column(task)
    assert series is not None
    roles = {name for role, name in mapping.items() if name != EVERY}
    roles |= {column.name for column in task.columns if column.name not in mapping}
    kept = [name for name in loaded.columns if name.strip().casefold() in {each.casefold() for each in roles}]
    names = [name for name in loaded.columns if name not in kept and name not in drop]
    if not names:
        raise UsageError(
            f"{source}: --map {task.target.name}={EVERY} leaves no column to be a series.",
            f"Name the column: --map {task.target.name}=COLUMN",
        )
    columns = (*kept, series.name, task.target.name)
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise UsageError(
            f"{source}: has a column {twice[0]!r}, and with --map {task.target.name}={EVERY} every column is a series.",
            f"Leave it out (--drop {twice[0]}), or map the columns one by one.",
        )
    _check_numbers(loaded.path, source, names)

    def long() -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        for batch in read_batches(loaded.path):
            count = len(batch)
            # Row by row, and there series by series: rows stay in the order of the file.
            repeated = np.repeat(np.arange(count), len(names))
            cells = [as_strings(batch.column(name)).to_pylist() for name in names]
            told = [cells[at][row] for row in range(count) for at in range(len(names))]
            arrays = [as_strings(batch.column(name)).take(pa.array(repeated)) for name in kept]
            arrays += [pa.array(names * count, pa.string()), pa.array(told, pa.string())]
            arrays.append(batch.column(ROW).take(pa.array(repeated)))
            yield pa.record_batch(arrays, schema=row_schema(columns))

    write_rows(path, row_schema(columns), long())
    loaded.path.unlink()
    return replace(loaded, path=path, columns=columns)


def _check_numbers(path: Path, source: str, names: Sequence[str]) -> None:
    """UsageError where a column holds a word in its first rows."""
    first = next(iter(read_batches(path)), None)
    if first is None:
        return
    for name in names:
        for cell in as_strings(first.column(name)).to_pylist():
            if is_missing(cell):
                continue
            try:
                float(cell)
            except ValueError:
                raise UsageError(
                    f"{source}: the column {name!r} is no series of numbers.",
                    f"Leave it out: --drop {name}; or, if it is the time, name it so: --map time={name}",
                ) from None
