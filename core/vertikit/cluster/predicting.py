"""The engine that is a Ray cluster: workers that each hold the run, and take one piece after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertikit.cluster.starting import cluster
from vertikit.deploy.batches.answering import WORK, Answering, Job
from vertikit.deploy.batches.ledger import Done
from vertikit.deploy.batches.pieces import Piece
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from vertikit.run.run import Run

TRIES = 3
"""A worker may be lost under a piece this often, before the piece is taken for the cause."""
AHEAD = 2
"""Pieces that a worker has at a time: one in work, one to go on with."""


@dataclass(frozen=True)
class Failed:
    """An error of a worker, as it is told."""

    what: str
    do: str
    details: tuple[str, ...]


class Worker:
    """In a process of its own, on any machine of the cluster."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._run: Run | None = None

    def answer(self, piece: Piece) -> Done | Failed:
        """Write the part of a piece; a piece that was begun before is written anew."""
        try:
            return self._answered(piece)
        except VertikitError as error:
            return Failed(error.what, error.do, error.details)

    def process(self) -> int:
        """The number of its process."""
        return os.getpid()

    def _answered(self, piece: Piece) -> Done:
        job = self._job
        if not (job.output / WORK).is_dir() or not job.run.is_dir():
            raise VertikitError(
                f"{os.uname().nodename}: does not see {job.output} or {job.run}.",
                "Keep runs, rows and output where every machine of the cluster finds them by the same name.",
            )
        if self._run is None:
            from vertikit.run.run import load
            from vertikit.training import quiet_libraries

            quiet_libraries()
            self._run = load(job.run)
        found: list[Done] = []
        Answering(self._run, job).work_through([piece], found.append, lambda _: None)
        return found[0]


class Cluster:
    """A number of workers, by default one a core; one that is lost is replaced, and its piece done anew."""

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        started: Callable[[Sequence[Any]], None] = lambda _: None,
    ) -> None:
        self._workers, self._address, self._started = workers, address, started

    def __call__(
        self,
        run: Run,
        job: Job,
        pieces: Sequence[Piece],
        done: Callable[[Done], None],
        advance: Callable[[int], None],
    ) -> None:
        del run  # each worker reads it
        with cluster(self._workers, self._address) as ray:
            count = min(len(pieces), self._workers or int(ray.cluster_resources().get("CPU", 1)))
            kind = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=TRIES)(Worker)
            shared = ray.put(job)
            workers = [kind.remote(shared) for _ in range(count)]
            self._started(workers)
            left = iter(pieces)
            busy: dict[Any, tuple[Any, Piece]] = {}

            def hand(worker: Any) -> None:
                piece = next(left, None)
                if piece is not None:
                    busy[worker.answer.remote(piece)] = (worker, piece)

            for _ in range(AHEAD):
                for worker in workers:
                    hand(worker)
            while busy:
                (ready,), _ = ray.wait(list(busy), num_returns=1)
                worker, piece = busy.pop(ready)
                found = _told(ray, ready, piece)
                done(found)
                advance(found.rows)
                hand(worker)


def _told(ray: Any, ready: Any, piece: Piece) -> Done:
    """What a worker made of a piece; VertikitError where it could not be done."""
    try:
        found = ray.get(ready)
    except ray.exceptions.RayError as error:
        raise VertikitError(
            f"{piece.name}: its workers were lost or failed, {type(error).__name__}.",
            "Look at the memory of the machines; the same command goes on after what is done. Fewer --workers or "
            "--part-rows take less.",
        ) from error
    if isinstance(found, Failed):
        raise VertikitError(found.what, found.do, details=found.details)
    result: Done = found
    return result
