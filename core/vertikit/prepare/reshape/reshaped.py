"""Examples as they were made from rows, and the account of what none was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import BadRow
from vertikit.prepare.reading import Rows
from vertikit.series_columns import Recording, Series
from vertikit.table_columns import Number, Time
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.examples import Examples, Indices
    from vertikit.recipe.examples import Reshape

EXAMPLES, READINGS = "examples.arrow", "readings.npy"
PAST = ".past"
"""Added to a target's name: its readings up to the origin of a forecast."""


@dataclass(frozen=True)
class Reshaped:
    """Examples made from rows.

    Args:
        task: with sensors in the place of the numbers that windows are cut from, or of the recordings that rows name.
        examples: their table lies in the row file `path`.
        lines: [N] the place of each example among those and `left` together, in the order of the input.
        left: rows that cannot be used and stretches of rows that no example is made of, with the reason; a row stands
            for its stretch.
        left_lines: [L] their places.
        notes: sentences for the user.
        channels: a column of recordings -> how many channels these have.
    """

    task: Task
    examples: Examples
    path: Path
    lines: Indices
    left: tuple[BadRow, ...]
    left_lines: Indices
    notes: tuple[str, ...] = ()
    channels: Mapping[str, int] = field(default_factory=dict)

    def as_rows(self, rows: Rows) -> Rows:
        """The rows that were read, with examples in their place: a line for each, and for each stretch left out."""
        return replace(
            rows,
            task=self.task,
            examples=self.examples,
            read=len(self.lines) + len(self.left),
            position=self.lines,
            bad=self.left,
            bad_position=self.left_lines,
            notes=(*rows.notes, *self.notes),
        )


@dataclass
class Left:
    """Rows that no example is made of, those that could not be read first."""

    rows: Rows
    found: list[BadRow]
    places: list[int]

    @classmethod
    def of(cls, rows: Rows) -> Left:
        return cls(rows, list(rows.bad), rows.bad_position.tolist())

    def add(self, at: int, reason: str) -> None:
        """The row at a position among the usable ones."""
        examples = self.rows.examples
        self.found.append(BadRow(int(examples.rows[at]), reason, source=str(examples.source[at])))
        self.places.append(int(self.rows.position[at]))

    def lines(self, examples: Indices) -> tuple[Indices, Indices]:
        """Places in the output, in the order of the input, of examples [N] whose (last) rows have these places in the
        input, and of the rows left out."""
        import numpy as np

        order = np.argsort(np.concatenate([examples, np.array(self.places, np.int64)]), kind="stable")
        lines = np.empty(len(order), np.int64)
        lines[order] = np.arange(len(order))
        return lines[: len(examples)], lines[len(examples) :]


def channel_names(column: str, channels: int) -> list[str]:
    """Of a recording's channels: the column's own, or with a number from 1."""
    return [column] if channels == 1 else [f"{column}.{at}" for at in range(1, channels + 1)]


def made_columns(task: Task) -> tuple[str, ...]:
    """Columns of examples that no file has."""
    return (task.target.name + PAST,) if task.target.ahead else ()


def task_of_examples(task: Task, choice: Reshape, channels: Mapping[str, int] | None = None) -> Task:
    """The task as its examples have it.

    A column of recordings is replaced by their channels; without one, where rows are cut into windows, numbers become
    sensors. Of a forecast, the past of its target is one, and inputs that are no numbers are not read.
    """
    if task.target.ahead:
        target = task.target
        past = Series(target.name + PAST, target.help, private=target.private)
        kept = (each for each in task.columns if isinstance(each, Number | Time) or not each.modality)
        return replace(task, columns=(past, *(_as_series(column) for column in kept)))
    if channels:
        return replace(
            task, columns=tuple(each for column in task.columns for each in _channels(column, channels))
        )
    if choice.window is None:
        return task
    return replace(task, columns=tuple(_as_series(column) for column in task.columns))


def _channels(column: Any, channels: Mapping[str, int]) -> list[Any]:
    if not isinstance(column, Recording) or column.name not in channels:
        return [column]
    return [
        Series(name, column.help, required=column.required, private=column.private)
        for name in channel_names(column.name, channels[column.name])
    ]


def _as_series(column: Any) -> Any:
    if isinstance(column, Time):
        return replace(column, required=False)  # its rows are in order: the model itself does not read it
    if not isinstance(column, Number):
        return column
    return Series(column.name, column.help, required=column.required, private=column.private)
