"""The engine that is this process: one part after the other, and what experts remember kept with each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.deploy.batches.answering import Answering, Job
from vertikit.deploy.batches.durable import sync_file, sync_folder
from vertikit.deploy.batches.ledger import LEDGER, Done
from vertikit.deploy.batches.pieces import Piece
from vertikit.deploy.history import read_history, write_history
from vertikit.run.folder import sha256_of

if TYPE_CHECKING:
    from vertikit.run.run import Run

NEW = "new"
"""Stands for a state whose file does not exist yet."""


class Here:
    """Begins with the state in a file of the user's, if there is any, or after the part `before`."""

    def __init__(self, state: Path | None, before: Done | None) -> None:
        self._state, self._before = state, before

    def __call__(
        self,
        run: Run,
        job: Job,
        pieces: Sequence[Piece],
        done: Callable[[Done], None],
        advance: Callable[[int], None],
    ) -> None:
        if not job.in_order:
            Answering(run, job).work_through(pieces, done, advance)
            return
        latest = None
        if self._before is not None:
            read_history(run, state_of(job, self._before.part))
            latest = self._before.latest
        elif self._state is not None:
            read_history(run, self._state)

        def remember(piece: Piece) -> None:
            kept = state_of(job, piece.number)
            write_history(run, kept)
            sync_file(kept)
            sync_folder(kept.parent)

        def forget(each: Done) -> None:
            done(each)
            state_of(job, each.part - 1).unlink(missing_ok=True)

        Answering(run, job, latest, remember).work_through(pieces, forget, advance)


def state_of(job: Job, part: int) -> Path:
    """What the experts remember at the end of a part."""
    return job.kept(part, "state")


def begun_with(state: Path | None, job: Job, pieces: Sequence[Piece]) -> str:
    """What tells a state from another; that of the start, where the file holds what this very job came to."""
    if state is None:
        return ""
    now = sha256_of(state) if state.exists() else NEW
    last, ledger = state_of(job, len(pieces) - 1), job.output / LEDGER
    if last.exists() and ledger.exists() and sha256_of(last) == now:
        with ledger.open(encoding="utf-8") as lines:
            return str(json.loads(next(lines))["state"])
    return now
