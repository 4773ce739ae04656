"""Rows of one or several requests through a run at once, and each its own answers again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import RankingPolicy, remembers
from vertikit.serve.cells import Cell, Given
from vertikit.serve.uploads import too_large, write

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.prepare.pictures.decoding import Readers
    from vertikit.run.run import Run

Answer = dict[str, Any]


def rows_depend(run: Run) -> bool:
    """Whether the answer to a row depends on the rows beside it, so that those of two requests must not meet.

    Windows are cut from rows in a row, what an expert knows of a row may come from an earlier one, and some policies
    pick the best of all rows.
    """
    return (
        run.recipe.reshape.window is not None
        or bool(run.channels)
        or any(remembers(expert) for expert in run.parts.experts.values())
        or isinstance(run.parts.policy, RankingPolicy)
    )


def answers(
    run: Run, given: Sequence[Given], readers: Readers | None, most_pixels: int
) -> list[list[Answer]]:
    """Of each request, in its order: the columns of `run.predict`, None where that has none.

    Of several requests a line is given for each row; of one it may be another number, where examples are windows.
    """
    rows = [row for each in given for row in each.rows]
    with ExitStack() as stack:
        root, refused = "", dict[int, str]()
        if any(each.uploads for each in given):
            root = stack.enter_context(tempfile.TemporaryDirectory(prefix="vertikit-"))
            rows, refused = with_files(given, Path(root), readers, most_pixels)
        lines = as_lines(run.predict(rows, root=root))
    if len(lines) == len(rows):
        for at, why in refused.items():
            lines[at] = {**dict.fromkeys(lines[at]), "row": lines[at]["row"], "error": why}
    if len(given) == 1:
        return [lines]
    found, start = [], 0
    for each in given:
        own = lines[start : start + len(each.rows)]
        for line in own:
            line["row"] -= start
        found.append(own)
        start += len(each.rows)
    return found


def with_files(
    given: Sequence[Given], folder: Path, readers: Readers | None, most_pixels: int
) -> tuple[list[Mapping[str, Cell]], dict[int, str]]:
    """The rows with names of files in `folder` in place of uploads; and why some rows' pictures are not decoded."""
    rows: list[Mapping[str, Cell]] = []
    refused: dict[int, str] = {}
    number = 0
    for each in given:
        start = len(rows)
        own = [dict(row) for row in each.rows]
        for (at, name), upload in each.uploads.items():
            why = "" if readers is None else too_large(upload, readers, most_pixels)
            if why:
                refused[start + at] = f"{name}: its picture {why}"
                own[at][name] = f"refused-{start + at}"
                continue
            number += 1
            own[at][name] = write(folder, number, upload)
        rows += own
    return rows, refused


def as_lines(table: pd.DataFrame) -> list[Answer]:
    """A table of predictions as JSON values: what is no number is None."""
    columns = {str(name): _plain(table[name].tolist()) for name in table.columns}
    return [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]


def _plain(values: list[Any]) -> list[Any]:
    return [None if isinstance(value, float) and value != value else value for value in values]
