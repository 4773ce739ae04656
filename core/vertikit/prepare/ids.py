"""Ids that should name one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.errors import VertikitError
from vertikit.prepare.places import places
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.examples import Examples


def check_ids(task: Task, file_column: str | None, examples: Examples) -> None:
    """VertikitError with the first rows where an id names several rows of a part.

    `file_column` is what the files call it, None where they have no ids. Rows of different parts may
    have the same id: each file may count from one.
    """
    import pandas as pd

    if task.id is None or file_column is None:
        return
    ids = pd.DataFrame({"part": examples.part, "id": examples.column(task.id.name)}).dropna(subset="id")
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
