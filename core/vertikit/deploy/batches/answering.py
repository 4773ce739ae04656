"""A piece of the work: its rows read, answered and written as one part file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.deploy.batches.ahead import ahead
from vertikit.deploy.batches.behind import Behind
from vertikit.deploy.batches.cleaned import cleaned
from vertikit.deploy.batches.columns import Columns
from vertikit.deploy.batches.durable import sync_file
from vertikit.deploy.batches.ledger import Done
from vertikit.deploy.batches.part_file import PartFile
from vertikit.deploy.batches.pieces import Piece
from vertikit.deploy.batches.ranked import Ranked
from vertikit.deploy.batches.sources import Opened
from vertikit.deploy.batches.summed import summed
from vertikit.deploy.predicting import prediction_columns
from vertikit.errors import VertikitError
from vertikit.prepare.cleaning import Account
from vertikit.prepare.quarantine import write_quarantine
from vertikit.prepare.reading import Rows
from vertikit.prepare.reshape import reshape
from vertikit.prepare.roots import roots_of
from vertikit.prepare.row_file import ROW, row_schema
from vertikit.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.run.run import Run

WORK = "unfinished"
"""Folder for what is needed until all is done."""
LAGGING = 3
"""Steps of writing that may be left to do while the model goes on; each holds a batch in memory."""


@dataclass(frozen=True)
class Job:
    """What every worker has to know; the run is loaded by each.

    Args:
        run: its folder. output: of the parts. root: for files that rows name.
        batch: rows that are answered together. in_order: whether a part needs those before it.
    """

    run: Path
    output: Path
    sources: tuple[Opened, ...]
    columns: Columns
    root: str
    batch: int
    in_order: bool

    def kept(self, part: int, what: str) -> Path:
        """A file beside a part, until all is done."""
        return self.output / WORK / f"part-{part:05}.{what}"


@dataclass
class _Batch:
    """Rows on their way to a part; the last of a part says so."""

    piece: Piece
    rows: Rows
    last: bool
    folder: Path


@dataclass
class _Told(Progress):
    """Notes on values, kept instead of shown."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(None)

    def line(self, text: str) -> None:
        self.lines.append(text)


class Answering:
    """A run at work on pieces of a job. Reading goes ahead in one thread, deciding and
    writing lag behind in another.

    Args:
        latest: of the rows before, in seconds since 1970, where these matter.
        remember: called at the end of a part, in the order of parts, before it counts as done.
    """

    def __init__(
        self,
        run: Run,
        job: Job,
        latest: float | None = None,
        remember: Callable[[Piece], None] = lambda _: None,
    ) -> None:
        self._run, self._job, self._latest, self._remember = run, job, latest, remember
        self._accounts: dict[int, Account] = {}

    def work_through(
        self, pieces: Sequence[Piece], done: Callable[[Done], None], advance: Callable[[int], None]
    ) -> None:
        """Answer the pieces in order; `done` is told of each part that is on the disk, `advance` of rows."""
        with Behind(LAGGING, "writing") as writer:
            part: PartFile | None = None
            told = _Told()
            for batch in ahead(self._batches(pieces)):
                if part is None:
                    part, told = PartFile(self._job.output / batch.piece.name, self._run.task.target), _Told()
                found, answers = self._answered(batch, told)
                writer.do(self._written, part, batch, found, answers)
                if self._job.in_order:
                    writer.catch_up()  # its reasons look at what is remembered now
                    self._run.parts.remember(batch.rows.examples, self._run.task)
                advance(found.read)
                if batch.last:
                    self._remember(batch.piece)
                    writer.do(self._finished, batch.piece, part, told, self._latest, done)
                    part = None

    def _batches(self, pieces: Sequence[Piece]) -> Iterator[_Batch]:
        """What the reading thread does: rows, cleaned, with what they name read."""
        job, run, count = self._job, self._run, 0
        for piece in pieces:
            source = job.sources[piece.source]
            account = self._accounts[piece.number] = Account()
            batches = source.batches(run.task, run.registry, piece.start, piece.stop, job.batch)
            waiting = list(piece.bad)
            last = False
            following = next(batches, None)
            while not last:
                batch, following = following, next(batches, None)
                last = following is None
                if batch is None:
                    batch = _nothing(source)
                end = None if last else int(batch.column(ROW)[-1].as_py())
                own = waiting if end is None else [bad for bad in waiting if bad.row <= end]
                waiting = waiting[len(own) :]
                rows = cleaned(run.task, job.columns, piece.source, source, batch, own, account)
                folder, count = job.kept(piece.number, f"files/{count}"), count + 1
                yield _Batch(piece, self._reshaped(rows, folder), last, folder)

    def _reshaped(self, rows: Rows, folder: Path) -> Rows:
        """Examples of the rows; what these name is read into the folder."""
        run = self._run
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        made = reshape(
            run.task, rows, run.recipe.reshape, folder,
            pictures=run.recipe.pictures, targets=False, registry=run.registry,
            root=roots_of(self._job.root, rows.places, rows.examples),
        )  # fmt: skip
        return made.as_rows(rows)

    def _answered(self, batch: _Batch, told: Progress) -> tuple[Rows, NDArray[np.float64]]:
        """The rows with what experts know of them, and the answers [N, A] of those that can be used."""
        run, parts = self._run, self._run.parts
        if self._job.in_order:
            self._check_order(batch)
        found = replace(batch.rows, examples=parts.known(batch.rows.examples, run.task))
        return found, parts.answers(parts.raw(found.examples, told), found.examples)

    def _check_order(self, batch: _Batch) -> None:
        """VertikitError where a row is earlier than one that was answered: that one would have had to know of it."""
        span = batch.rows.examples.span
        if span is None or not len(span) or np.isnan(span).all():
            return
        if self._latest is not None and np.nanmin(span) < self._latest:
            at = int(np.nanargmin(span[:, 0]))
            raise VertikitError(
                f"{batch.rows.examples.source[at]}, row {batch.rows.examples.rows[at]}: is earlier than rows that "
                "were answered before, and the run remembers the past.",
                "Sort the rows by time, or name a file as --output, which answers all of them at once.",
            )
        self._latest = float(np.nanmax(span))

    def _written(self, part: PartFile, batch: _Batch, found: Rows, answers: NDArray[np.float64]) -> None:
        """What the writing thread does: decisions and reasons, while the model is at the next rows; and the file."""
        columns = prediction_columns(self._run, found, answers)
        ranked = Ranked.of(self._run, found, answers, columns["decision"])
        part.write(columns)
        part.bad += list(batch.rows.bad)
        shutil.rmtree(batch.folder, ignore_errors=True)
        if ranked is not None:
            part.ranked.append(ranked.moved(part.rows - found.read))

    def _finished(
        self, piece: Piece, part: PartFile, told: _Told, latest: float | None, done: Callable[[Done], None]
    ) -> None:
        """The part, and beside it its bad rows, and what is ranked; then the part gets its name, and is told of."""
        part.close()
        account, job = self._accounts.pop(piece.number), self._job
        bad = job.kept(piece.number, "csv")
        bad.unlink(missing_ok=True)
        if part.bad:
            write_quarantine(bad, self._run.task, part.bad, show_values=False)
            sync_file(bad)
        Ranked.write(part.ranked, job.kept(piece.number, "ranked"))
        part.name()
        shutil.rmtree(job.kept(piece.number, "files"), ignore_errors=True)
        done(
            Done(
                part=piece.number,
                rows=part.rows,
                bad=len(part.bad),
                left_out=[(column, why, count) for (column, why), count in account.left_out.items()],
                spellings=[(column, way, count) for (column, way), count in account.spellings.items()],
                notes=summed(told.lines),
                latest=latest,
            )
        )


def _nothing(source: Opened) -> pa.RecordBatch:
    """A batch without rows, of a stretch that holds unreadable ones alone."""
    import pyarrow as pa

    return pa.RecordBatch.from_pylist([], schema=row_schema(source.columns))
