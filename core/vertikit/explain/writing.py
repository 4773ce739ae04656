"""The folder of an explanation: a page, the numbers, and a table of parts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.explain.page import page
from vertikit.explain.told import as_json, table
from vertikit.run.folder import WORK, start_folder, write_json
from vertikit.run.results import rounded

if TYPE_CHECKING:
    from vertikit.explain.explaining import Explained

PAGE, NUMBERS, PARTS = "explain.html", "changes.json", "rows.parquet"


@contextmanager
def folder(output: Path | None, *, show_values: bool) -> Iterator[Callable[[Explained], None]]:
    """What writes an explanation into a new folder, if one is asked for: made under another name at once, so that a
    wrong one is told before anything is computed, and given its own when everything is there."""
    partial = (
        None if output is None else start_folder(output, "Remove the folder, or choose another --output.")
    )

    def write(found: Explained) -> None:
        if partial is None or output is None:
            return
        (partial / PAGE).write_text(page(found, show_values=show_values), encoding="utf-8")
        write_json(partial / NUMBERS, rounded(as_json(found, values=show_values)))
        if found.reasons:
            table(found, values=show_values).to_parquet(partial / PARTS, index=False)
        shutil.rmtree(partial / WORK, ignore_errors=True)
        partial.rename(output)

    try:
        yield write
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
