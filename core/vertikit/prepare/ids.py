"""Ids that should name one row each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import VertikitError
from vertikit.prepare.places import place, places
from vertikit.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples


def repeated_rows(task: Task, examples: Examples) -> dict[int, str]:
    """Rows of a stream that were delivered twice, all values and the id equal: position -> why; the first stays.

    Only rows that have a time and an id can be told to be the same event.
    """
    names = examples.table.column_names
    if task.id is None or task.time is None or not {task.id.name, task.time.name} <= set(names):
        return {}
    suspects = np.flatnonzero(_repeated(examples.codes(task.id.name))).tolist()
    rows = examples.take(np.asarray(suspects, np.int64)).table[:] if suspects else {}
    first: dict[tuple[object, ...], int] = {}
    again: dict[int, str] = {}
    for at, *values in zip(suspects, *rows.values(), strict=True):
        key = (examples.part[at], *values)
        if key in first:
            again[at] = f"the same row, id included, was delivered before ({place(examples, first[key])})"
        first.setdefault(key, at)
    return again


def check_ids(task: Task, file_column: str | None, examples: Examples, aside: Collection[int] = ()) -> None:
    """VertikitError with the first rows where an id names several rows of a part, those `aside` left out.

    `file_column` is what the files call it, None where they have no ids. Rows of different parts may
    have the same id: each file may count from one.
    """
    import pandas as pd

    if task.id is None or file_column is None:
        return
    suspects = np.setdiff1d(np.flatnonzero(_repeated(examples.codes(task.id.name))), list(aside))
    few = examples.take(suspects)
    ids = pd.DataFrame({"part": few.part, "id": few.column(task.id.name)}, index=suspects)
    twice = ids[ids.duplicated(keep=False)]
    if twice.empty:
        return
    same = twice.index[(twice["part"] == twice["part"].iloc[0]) & (twice["id"] == twice["id"].iloc[0])]
    count = len(twice.drop_duplicates())
    others = f", and {count - 1:,} further ids" if count > 1 else ""
    raise VertikitError(
        f"column {file_column!r} should name each row once, but {places(examples, same)} have the same id{others}.",
        f"Mend the ids, or do without them: --drop {file_column}",
    )


def _repeated(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[N] whether another row has the same code; -1 is none."""
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=1)
    return np.asarray(known & (counts[codes] > 1), bool)
