"""What is measured of the columns of a table: numbers and kinds as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vertikit.table_columns import Category, Number
from vertikit.watch.measured import KINDS, NUMBERS, Measured

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices
    from vertikit.task import Task


def watched_columns(task: Task) -> list[Column]:
    """Numbers and categories among the inputs, and whom the task is sliced by. A point in time moves on by itself, and
    is none."""
    return [column for column in task.inputs if isinstance(column, Number | Category)] + [*task.sensitive]


def of_table(task: Task, examples: Examples, rows: Indices) -> Iterator[Measured]:
    """Those columns that the examples have."""
    for column in watched_columns(task):
        if column.name not in examples.table.column_names:
            continue
        if isinstance(column, Number):
            values = examples.numbers(column.name)
            yield Measured(column.name, column.name, NUMBERS, values, rows, column.private)
        else:
            side = "population" if column.role == "sensitive" else "input"
            kinds = examples.values(column.name)
            yield Measured(column.name, column.name, KINDS, kinds, rows, column.private, side)  # type: ignore[arg-type]
