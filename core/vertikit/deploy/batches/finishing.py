"""The end of a batch: notes, decisions that are for the best of all rows, the quarantine, and the state."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vertikit.deploy.batches.answering import WORK, Job
from vertikit.deploy.batches.durable import write_whole
from vertikit.deploy.batches.here import state_of
from vertikit.deploy.batches.ledger import Done, Ledger
from vertikit.deploy.batches.pieces import Piece
from vertikit.deploy.batches.ranked import settle
from vertikit.deploy.batches.summed import summed
from vertikit.prepare.cleaning import check_spellings
from vertikit.prepare.places import several
from vertikit.prepare.quarantine import HEADER

if TYPE_CHECKING:
    from vertikit.progress import Progress
    from vertikit.run.run import Run

QUARANTINE = "quarantine.csv"


class Account:
    """What the parts tell of their rows, put together by source."""

    def __init__(self, job: Job, pieces: Sequence[Piece]) -> None:
        self._job = job
        self._source = {each.number: each.source for each in pieces}
        self._left_out: dict[int, Counter[str]] = {}
        self._spellings: dict[int, Counter[tuple[str, str]]] = {}
        self._notes: list[str] = []

    def add(self, done: Done) -> None:
        """A part; VertikitError where its source turns out to mix ways of writing that cannot be told apart."""
        at = self._source[done.part]
        for _, why, count in done.left_out:
            self._left_out.setdefault(at, Counter())[why] += count
        ways = self._spellings.setdefault(at, Counter())
        for column, way, cells in done.spellings:
            ways[column, way] += cells
        self._notes = summed([*self._notes, *done.notes])
        check_spellings(self._job.sources[at].name, self._job.columns.wanted, ways)

    def notes(self) -> list[str]:
        """Sentences for the user."""
        found = [
            f"{self._job.sources[at].name}: {why} in {several(count)}, and counts as missing there"
            for at, counts in sorted(self._left_out.items())
            for why, count in counts.most_common()
        ]
        return [*found, *self._notes]


def finish(
    run: Run,
    job: Job,
    pieces: Sequence[Piece],
    ledger: Ledger,
    state: Path | None,
    account: Account,
    progress: Progress,
) -> tuple[int, int]:
    """All parts are there: bring the rest about; (rows, rows that cannot be used). What it does may be done again."""
    for each in account.notes():
        progress.line(f"note: {each}")
    settle(run, ((job.output / each.name, job.kept(each.number, "ranked")) for each in pieces))
    write_whole(job.output / QUARANTINE, lambda file: _join(file, job, pieces))
    if state is not None:
        kept = state_of(job, len(pieces) - 1)
        write_whole(state, lambda file: file.write(kept.read_bytes()))
        state.chmod(0o600)
    rows = sum(each.rows for each in ledger.done.values())
    bad = sum(each.bad for each in ledger.done.values())
    ledger.settle({"rows": rows, "bad": bad, "parts": len(pieces)})
    shutil.rmtree(job.output / WORK, ignore_errors=True)
    return rows, bad


def _join(file: BinaryIO, job: Job, pieces: Sequence[Piece]) -> None:
    """The quarantines of the parts, one below the other under one head."""
    file.write((",".join(HEADER) + "\r\n").encode())
    for each in pieces:
        kept = job.kept(each.number, "csv")
        if kept.exists():
            with kept.open("rb") as part:
                part.readline()
                shutil.copyfileobj(part, file)
