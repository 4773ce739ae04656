"""A row to try a run with: of the task's own sample data, since a run folder holds no rows."""

from __future__ import annotations

import base64
import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.columns import is_missing
from vertikit.errors import VertikitError
from vertikit.sample_files import write_sample
from vertikit.serve.bodies import Body
from vertikit.serve.cells import Columns, Given
from vertikit.serve.problems import Problem
from vertikit.serve.settings import Settings
from vertikit.table_columns import Number

if TYPE_CHECKING:
    from vertikit.run.run import Run

    Ask = Callable[[Sequence[Given]], list[list[dict[str, Any]]]]

ROWS, WINDOW_ROWS = 20, 400
"""Of sample data that are written, and rows given as an example where a window is cut from them, at most."""
TRIED = 5
"""Rows by themselves, at most."""
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".wav": "audio/wav"}


@dataclass(frozen=True)
class Sampled:
    """Args:
    rows: that the run answered; none where it could answer none. note: where they are from, or why there are none.
    answer: to the first of them.
    """

    rows: Sequence[Mapping[str, Any]]
    note: str
    answer: Mapping[str, Any] | None = None


def sampled_row(run: Run, columns: Columns, settings: Settings, ask: Ask) -> Sampled:
    """A row of the task's sample, as JSON, that the run was tried on; several where it takes windows of rows."""
    if not run.task.sample:
        return Sampled((), f"{run.task.name} has no sample data.")
    with tempfile.TemporaryDirectory(prefix="vertikit-") as folder:
        path = Path(folder) / "sample.csv"
        try:
            write_sample(run.task, path, WINDOW_ROWS if run.recipe.reshape.window is not None else ROWS)
        except (VertikitError, ImportError) as error:
            return Sampled((), f"The sample data of {run.task.name} cannot be written: {error}")
        with path.open(encoding="utf-8", newline="") as file:
            rows = [_typed(row, columns, Path(folder)) for row in csv.DictReader(file)]
    why = "it holds no row"
    for chosen in _tries(run, rows[: settings.rows]):
        try:
            given = columns.given(Body(chosen, single=len(chosen) == 1), settings)
            found = ask([given])[0]
        except (VertikitError, Problem) as error:
            why = str(error)
            continue
        usable = [answer for answer in found if not answer["error"]]
        if usable:
            return Sampled(chosen, run.task.sample_note or "Of the task's own sample data.", usable[0])
        why = str(found[0]["error"]) if found else "no window fits"
    return Sampled((), f"No row of the sample data of {run.task.name} fits this run: {why}")


def _tries(run: Run, rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """One row after the other, since a sample has damaged ones on purpose; where windows are made of rows, more and
    more of the first unit's."""
    if run.recipe.reshape.window is None:
        yield from ([row] for row in rows[:TRIED])
        return
    group = run.task.group.name if run.task.group is not None else ""
    own = [row for row in rows if row.get(group) == rows[0].get(group)]
    count = 8
    while count < 2 * len(own):
        yield own[:count]
        count *= 2


def _typed(row: Mapping[str, str], columns: Columns, folder: Path) -> dict[str, Any]:
    """The inputs among a row's cells as JSON values: numbers as such, files as data URLs."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        column = columns.known(name)
        if column not in columns.read or is_missing(cell):
            continue
        if column.name in columns.files:
            path = folder / cell
            kind = _KINDS.get(path.suffix.lower(), "application/octet-stream")
            found[column.name] = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        elif isinstance(column, Number):
            value = float(cell)
            found[column.name] = int(value) if value.is_integer() and "." not in cell else value
        else:
            found[column.name] = cell
    return found
