"""Ids that should name one row each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import VertikitError
from vertikit.prepare.places import place, places
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.examples import Examples


def repeated_rows(task: Task, examples: Examples) -> dict[int, str]:
    """Rows of a stream that were delivered twice, all values and the id equal: position -> why; the first stays.

    Only rows that have a time and an id can be told to be the same event.
    """
    import pandas as pd

    names = examples.table.column_names
    if task.id is None or task.time is None or not {task.id.name, task.time.name} <= set(names):
        return {}
    ids = pd.Series(examples.column(task.id.name), dtype=object)
    suspects = [int(at) for at in ids.index[ids.duplicated(keep=False) & ids.notna()]]
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
    ids = pd.DataFrame({"part": examples.part, "id": examples.column(task.id.name)}).dropna(subset="id")
    ids = ids.drop(index=list(aside), errors="ignore")
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
