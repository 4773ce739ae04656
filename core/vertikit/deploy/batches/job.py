"""`predict` into a folder of parts: begun, or gone on with where it was stopped, and brought to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vertikit.contracts import remembers
from vertikit.deploy.batches.answering import WORK, Job
from vertikit.deploy.batches.columns import columns_of
from vertikit.deploy.batches.finishing import Account, finish
from vertikit.deploy.batches.here import Here, begun_with
from vertikit.deploy.batches.ledger import Done, Ledger, open_ledger
from vertikit.deploy.batches.output import alone, begin, clear, take_back
from vertikit.deploy.batches.pieces import Piece, cut
from vertikit.deploy.batches.ranked import check_ranked
from vertikit.deploy.batches.sources import absolute, described, open_sources
from vertikit.deploy.history import check_state
from vertikit.deploy.predicting import remembered_columns
from vertikit.errors import UsageError
from vertikit.prepare.places import several
from vertikit.progress import SILENT, Progress
from vertikit.run.folder import MANIFEST, sha256_of
from vertikit.run.refusing import refuse_forecasts
from vertikit.run.run import load
from vertikit.series_columns import Recording

if TYPE_CHECKING:
    from vertikit.run.run import Run

PART_ROWS, PART_ROWS_OF_TABLE = 10_000, 100_000
"""Rows of a part: what a kill may cost, in seconds; texts and pictures take longer than rows of a table."""
BATCH, BATCH_OF_TABLE = 2_500, 100_000
"""Rows that are answered together, sorted by length."""


class Engine(Protocol):
    """Who does the work: this process, or a cluster."""

    def __call__(
        self,
        run: Run,
        job: Job,
        pieces: Sequence[Piece],
        done: Callable[[Done], None],
        advance: Callable[[int], None],
    ) -> None:
        """Answer the pieces and write their parts; `done` is told of each that is on the disk."""
        ...


@dataclass(frozen=True)
class Predicted:
    """What it came to: rows in all, rows that cannot be used, parts."""

    rows: int
    bad: int
    parts: int


@dataclass(frozen=True)
class Asked:
    """What was asked for; see `predict_in_parts`."""

    sources: tuple[str, ...]
    output: Path
    mapping: Mapping[str, str]
    drop: tuple[str, ...] = ()
    root: str = ""
    state: Path | None = None
    part_rows: int | None = None


def predict_in_parts(
    run: Run, asked: Asked, *, engine: Engine | None = None, progress: Progress = SILENT
) -> Predicted:
    """Answer the rows of any number of sources into `output`/part-00000.parquet and on, with a ledger of what is done.

    Lines and their order are those of `predict`. An output that was begun by the same call is gone on with, wherever
    that was stopped. `engine` does the work where it is not to be done here.

    UsageError where the output holds something else, was begun with another run, other data or other columns, or the
    run's answers depend on other rows in a way that parts cannot keep.
    """
    refuse_forecasts(run, "predict into a folder")
    output = asked.output
    run = load(run.folder, run.registry)  # experts of its own: those of the caller's run stay as they are
    in_order = _in_order(run, asked.state)
    if in_order and engine is not None:
        raise UsageError(
            f"{run.folder}: remembers the past of what it sees, so its rows are answered one after the other.",
            "Leave --engine out.",
        )
    begin(output)
    with alone(output):
        try:
            return _predict(run, asked, engine, in_order, progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"the same command goes on after the last part in {output}") from None
        finally:
            take_back(output)


def _in_order(run: Run, state: Path | None) -> bool:
    """Whether rows are answered one after the other; UsageError where not even that is enough."""
    if state is not None:
        check_state(state)
    recordings = any(isinstance(each, Recording) and each.name in run.columns for each in run.task.inputs)
    if run.recipe.reshape.window is not None and not recordings:
        raise UsageError(
            f"{run.folder}: answers windows of rows, and a window may begin in one part and end in the next.",
            "Name a file as --output, which answers all rows at once; of many units, give some at a time.",
        )
    check_ranked(run)
    return state is not None or any(remembers(each) for each in run.parts.experts.values())


def _predict(run: Run, asked: Asked, engine: Engine | None, in_order: bool, progress: Progress) -> Predicted:
    task, output = run.task, asked.output
    tabular = set(task.modalities) == {"table"}
    size = asked.part_rows or (PART_ROWS_OF_TABLE if tabular else PART_ROWS)
    opened = open_sources(asked.sources, task, run.registry, output / WORK / "rows")
    mapping = remembered_columns(run, asked.mapping)
    columns = columns_of(task, opened, mapping, asked.drop)
    for each in dict.fromkeys(hint for matched in columns.matched for hint in matched.hints):
        progress.line(f"note: {each}")
    pieces = cut(opened, size)
    # With a past to remember, every batch works out anew what the past comes to: few large ones are quicker.
    batch = size if in_order else BATCH_OF_TABLE if tabular else BATCH
    slim = tuple(replace(each, bad=()) for each in opened)
    job = Job(run.folder.resolve(), output.resolve(), slim, columns, absolute(asked.root), batch, in_order)
    head = {
        "run": sha256_of(run.folder / MANIFEST),
        "task": task.name,
        "sources": [described(each) for each in opened],
        "columns": {"map": mapping, "drop": list(asked.drop), "root": asked.root},
        "part_rows": size,
        "state": begun_with(asked.state, job, pieces),
    }
    ledger = open_ledger(output, head)
    try:
        return _work(run, job, pieces, ledger, asked.state, engine, progress)
    finally:
        ledger.close()


def _work(
    run: Run,
    job: Job,
    pieces: Sequence[Piece],
    ledger: Ledger,
    state: Path | None,
    engine: Engine | None,
    progress: Progress,
) -> Predicted:
    clear(job.output, ledger, pieces)
    account = Account(job, pieces)
    for each in ledger.done.values():
        account.add(each)
    left = [each for each in pieces if each.number not in ledger.done]
    if ledger.done:
        there = sum(each.rows for each in ledger.done.values())
        progress.line(f"{job.output}: goes on after {several(there)} in {several(len(ledger.done), 'part')}")

    def done(each: Done) -> None:
        ledger.add(each)
        account.add(each)

    if engine is None:
        before = ledger.done.get(left[0].number - 1) if left else None
        engine = Here(state, before)
    with progress.bar("predicting", sum(each.rows for each in left), "rows") as advance:
        if left:
            engine(run, job, left, done, advance)
    rows, bad = finish(run, job, pieces, ledger, state, account, progress)
    return Predicted(rows, bad, len(pieces))
