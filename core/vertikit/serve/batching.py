"""Requests that wait for a run, and the thread that answers them: those that came meanwhile together."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vertikit.serve.cells import Given
from vertikit.serve.problems import Problem

AnswerAll = Callable[[Sequence[Given]], Sequence[Any]]
"""Requests of the same columns -> what each is answered with; any error where they cannot be answered together."""
Told = Callable[[int, float], None]
"""Of a batch: its rows, and the seconds it took."""
MEMORY = 0.2
"""Weight of the latest batch in the mean time of a row."""


@dataclass(eq=False)
class Job:
    """A request that waits. `alone` answers it by itself, where it is no prediction."""

    given: Given
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    alone: Callable[[], Any] | None = None
    arrived: float = field(default_factory=time.monotonic)
    dropped: bool = False

    @property
    def rows(self) -> int:
        return len(self.given.rows)


class Batcher:
    """One thread that answers for one run.

    While it works, requests gather; when it is free, it waits at most `wait` seconds for as many as came the last time,
    so that a lone client never waits. At most `rows` rows are taken together, unless one request has more.

    Args:
        answer: of requests together. combines: whether requests may be answered together at all.
        waiting: requests that may wait. seconds: a request is refused when those before it would take longer.
    """

    def __init__(
        self,
        name: str,
        answer: AnswerAll,
        *,
        combines: bool,
        wait: float,
        rows: int,
        waiting: int,
        seconds: float,
        told: Told,
    ) -> None:
        self._answer, self._combines, self._wait, self._most = answer, combines, wait, rows
        self._limit, self._seconds, self._told = waiting, seconds, told
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._expected = 1
        self._row_seconds = 0.0
        self._rows_waiting = 0
        self._thread = threading.Thread(target=self._work, name=f"run-{name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Requests."""
        return len(self._queue)

    async def submit(self, given: Given, alone: Callable[[], Any] | None = None) -> Any:
        """What the request is answered with; Problem 503 where too much waits already, or the run is leaving."""
        loop = asyncio.get_running_loop()
        job = Job(given, loop.create_future(), loop, alone)
        with self._changed:
            if self._closed:
                raise Problem(503, "This run is leaving the service.", retry=1)
            ahead = self._rows_waiting * self._row_seconds
            if len(self._queue) >= self._limit or (self._queue and ahead > self._seconds):
                raise Problem(
                    503, "Too many requests wait already: ask again later.", retry=max(1, math.ceil(ahead))
                )
            self._queue.append(job)
            self._rows_waiting += job.rows
            self._changed.notify()
        try:
            return await job.future
        finally:
            job.dropped = True

    def close(self) -> None:
        """Take nothing more, answer what waits, and end; returns when that is done."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def between(self) -> None:
        """Called by long work in the thread itself: answer what waits meanwhile."""
        with self._changed:
            jobs = self._taken(predictions=True) if self._queue else []
        if jobs:
            self._answered(jobs)

    def _work(self) -> None:
        while jobs := self._next():
            self._answered(jobs)

    def _next(self) -> list[Job]:
        """Requests to be answered together; none when it is over."""
        with self._changed:
            while not self._queue:
                if self._closed:
                    return []
                self._changed.wait()
            until = self._queue[0].arrived + self._wait
            while (
                self._combines
                and not self._closed
                and len(self._queue) < self._expected
                and self._rows_waiting < self._most
                and (left := until - time.monotonic()) > 0
            ):
                self._changed.wait(left)
            jobs = self._taken()
            self._expected = len(jobs)
            return jobs

    def _taken(self, *, predictions: bool = False) -> list[Job]:
        """The first request, and those of the same columns as long as there is room; with `predictions`, of those
        alone."""
        queue = [job for job in self._queue if not (predictions and job.alone is not None)]
        jobs: list[Job] = []
        rows = 0
        for job in queue:
            if jobs and (
                not self._combines
                or job.alone is not None
                or jobs[0].alone is not None
                or rows + job.rows > self._most
                or job.given.names != jobs[0].given.names
            ):
                continue
            jobs.append(job)
            rows += job.rows
            if rows >= self._most:
                break
        chosen = set(map(id, jobs))
        self._queue = deque(job for job in self._queue if id(job) not in chosen)
        self._rows_waiting = sum(job.rows for job in self._queue)
        return jobs

    def _answered(self, jobs: list[Job]) -> None:
        """Answer them and hand the answers over; where they cannot be answered together, each by itself."""
        jobs = [job for job in jobs if not job.dropped]
        if not jobs:
            return
        started = time.monotonic()
        found = [_tried(jobs[0].alone)] if jobs[0].alone is not None else self._together(jobs)
        seconds, rows = time.monotonic() - started, sum(job.rows for job in jobs)
        if jobs[0].alone is None:
            mean = seconds / max(1, rows)
            self._row_seconds += (mean - self._row_seconds) * (MEMORY if self._row_seconds else 1.0)
            self._told(rows, seconds)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Job, Any]]] = {}
        for job, result in zip(jobs, found, strict=True):
            by_loop.setdefault(job.loop, []).append((job, result))
        for loop, pairs in by_loop.items():
            try:
                loop.call_soon_threadsafe(_deliver, pairs)
            except RuntimeError:  # the loop is closed: nobody waits any more
                continue

    def _together(self, jobs: list[Job]) -> Sequence[Any]:
        try:
            return self._answer([job.given for job in jobs])
        except Exception as error:
            if len(jobs) == 1:
                return [error]
        # One of them cannot be answered, and the others are not to suffer for it.
        return [_tried(lambda job=job: self._answer([job.given])[0]) for job in jobs]  # type: ignore[misc]


def _tried(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        return error


def _deliver(pairs: list[tuple[Job, Any]]) -> None:
    for job, result in pairs:
        if job.future.done():
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)
