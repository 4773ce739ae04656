"""Rows that cannot be used: counted by reason, refused if too many, written to a file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from vertikit.contracts import BadRow
from vertikit.errors import VertikitError
from vertikit.prepare.places import several
from vertikit.spreadsheet import shown_as_text
from vertikit.task import Task

HEADER = ("source", "row", "reason", "raw")


def count_reasons(rows: Iterable[BadRow]) -> list[tuple[str, int]]:
    """Reasons, the most frequent first; what stands in brackets concerns one row and is left out."""
    return Counter(row.reason.partition(" (")[0] for row in rows).most_common()


def check_share(bad: Sequence[BadRow], read: int, most: float) -> None:
    """VertikitError with the reasons ranked where more than the share `most` of all rows cannot be used."""
    if len(bad) <= most * read and len(bad) < read:
        return
    share = (
        f"more than the {most:.0%} that cleaning.max_quarantined allows"
        if len(bad) < read
        else "none is left"
    )
    raise VertikitError(
        f"{len(bad):,} of {read:,} rows cannot be used: {share}.",
        "Mend the rows, or name other columns with --map"
        + ("; --set cleaning.max_quarantined=SHARE goes on without them." if len(bad) < read else "."),
        details=[f"{several(count)}: {reason}" for reason, count in count_reasons(bad)[:10]],
    )


def write_quarantine(path: Path, task: Task, rows: Iterable[BadRow], show_values: bool) -> None:
    """A CSV of source, row, reason and raw, a line per row.

    `raw` is the row as it was read; it stays empty where the task has private columns, unless
    `show_values`. Reasons hold no private value. No cell is a formula to a spreadsheet.
    """
    shown = show_values or not any(column.private for column in task.columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            cells = (row.source, row.row, row.reason, row.raw if shown else "")
            writer.writerow(shown_as_text(cell) for cell in cells)
