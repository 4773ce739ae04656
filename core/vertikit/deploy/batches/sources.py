"""Sources as a batch reads them: what each holds, and any stretch of its rows, in memory that does not grow with it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import BadRow, RangeLoader
from vertikit.errors import VertikitError
from vertikit.prepare.roots import Place
from vertikit.prepare.row_file import ROW, read_batches, rows_between
from vertikit.prepare.sources import (
    failing_in_a_line,
    file_of,
    folder_of,
    load_source,
    loader_of,
    shown,
    source_names,
)
from vertikit.registry import Registry
from vertikit.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

LOOKED_AT = 1 << 20
"""Bytes at either end of a file by which it is known again."""


@dataclass(frozen=True)
class Opened:
    """One source.

    Args:
        source: with its whole path. name: for messages, without passwords.
        known_by: what tells these data from others.
        columns: of the file. rows: that can be read. bad: those that cannot, by rising number.
        path: of the row file, where the source had to be copied into one.
        place: where files lie that its rows name.
    """

    source: str
    name: str
    known_by: str
    columns: tuple[str, ...]
    rows: int
    bad: tuple[BadRow, ...]
    path: Path | None
    place: Place

    def batches(
        self, task: Task, registry: Registry, start: int, stop: int, size: int
    ) -> Iterator[pa.RecordBatch]:
        """The rows from position `start` to before `stop`, in order, in batches of at most `size`."""
        if self.path is not None:
            yield from rows_between(read_batches(self.path), start, stop, size)
            return
        loader = loader_of(self.source, task, registry)
        assert isinstance(loader, RangeLoader)
        with failing_in_a_line(self.source):
            yield from loader.rows(self.source, start, stop, size)

    def number(self, position: int) -> int:
        """The number in its file of the row at a position of a row file."""
        assert self.path is not None
        batch = next(rows_between(read_batches(self.path), position, position + 1, 1))
        return int(batch.column(ROW)[0].as_py())


def open_sources(sources: Sequence[str], task: Task, registry: Registry, folder: Path) -> list[Opened]:
    """Each source, in order; those whose loader finds no row without reading them all are copied to row files in a new
    `folder`. VertikitError where one cannot be read."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return [
        _opened(absolute(source), name, task, registry, folder / f"{at}")
        for at, (source, name) in enumerate(zip(sources, source_names(sources), strict=True))
    ]


def absolute(source: str) -> str:
    """A file or folder by its whole name: workers are at home in other folders."""
    return source if not source or "://" in source else str(Path(source).absolute())


def _opened(source: str, name: str, task: Task, registry: Registry, folder: Path) -> Opened:
    loader = loader_of(source, task, registry)
    place = Place(folder_of(source))
    if isinstance(loader, RangeLoader):
        with failing_in_a_line(source):
            columns, rows = loader.outline(source)
        return Opened(source, name, _known_by(source), columns, rows, (), None, place)
    loaded = load_source(source, task, registry, folder)
    if loaded.root:
        place = Place(loaded.root, own=True)
    rows, last = 0, 0
    for batch in read_batches(loaded.path):
        numbers = batch.column(ROW).to_numpy()
        if len(numbers) and (numbers[0] <= last or (numbers[1:] <= numbers[:-1]).any()):
            raise VertikitError(
                f"{name}: its loader gives rows out of their order.", "Tell the author of its plugin."
            )
        rows, last = rows + len(batch), int(numbers[-1]) if len(numbers) else last
    known_by = _known_by(source) or _content(loaded.path, loaded.bad)
    return Opened(source, name, known_by, loaded.columns, rows, loaded.bad, loaded.path, place)


def _known_by(source: str) -> str:
    """Size, time of change, and the ends of a file; "" of what is none, and is known by its rows."""
    path = file_of(source)
    if "://" in source or not path.is_file():
        return ""
    about = path.stat()
    ends = hashlib.sha256()
    with path.open("rb") as file:
        ends.update(file.read(LOOKED_AT))
        file.seek(max(0, about.st_size - LOOKED_AT))
        ends.update(file.read(LOOKED_AT))
    return f"{about.st_size}-{about.st_mtime_ns}-{ends.hexdigest()[:32]}"


def _content(path: Path, bad: Sequence[BadRow]) -> str:
    with path.open("rb") as file:
        rows = hashlib.file_digest(file, "sha256")
    rows.update(repr([(each.row, each.reason) for each in bad]).encode())
    return rows.hexdigest()[:32]


def described(opened: Opened) -> dict[str, Any]:
    """What the ledger keeps of a source: no value of any row."""
    return {
        "name": shown(opened.name),
        "known_by": opened.known_by,
        "columns": list(opened.columns),
        "rows": opened.rows,
        "unreadable": len(opened.bad),
    }
