"""The folder of a watch: a page and the numbers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.run.folder import WORK, start_folder, write_json
from vertikit.run.results import rounded
from vertikit.watch.page import page
from vertikit.watch.told import as_json

if TYPE_CHECKING:
    from vertikit.watch.watching import Watched

PAGE, NUMBERS = "report.html", "watch.json"


@contextmanager
def folder(output: Path | None) -> Iterator[Callable[[Watched], None]]:
    """What writes into a new folder, if one is asked for: made at once, so that a wrong name is told before anything is
    computed, and given its own when everything is there."""
    partial = (
        None if output is None else start_folder(output, "Remove the folder, or choose another --output.")
    )

    def write(found: Watched) -> None:
        if partial is None or output is None:
            return
        (partial / PAGE).write_text(page(found), encoding="utf-8")
        write_json(partial / NUMBERS, rounded(as_json(found)))
        shutil.rmtree(partial / WORK, ignore_errors=True)
        partial.rename(output)

    try:
        yield write
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
