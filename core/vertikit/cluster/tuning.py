"""Trials of a search side by side: workers of a Ray cluster that all ask and tell the same study."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.cluster.starting import cluster
from vertikit.errors import VertikitError
from vertikit.prepare.prepared import Sources
from vertikit.progress import SILENT
from vertikit.tune.study import TIME_IS_UP, WARM_UP, Bench, attempt, opened

if TYPE_CHECKING:
    import optuna

    from vertikit.progress import Progress

APART = 1000
"""Between the seeds of two workers, so that they do not propose the same."""


class Worker:
    """Reads the rows once, in a process of its own, and makes one trial after the other."""

    def __init__(self, number: int, place: str, *asked: Any) -> None:
        import optuna

        from vertikit.training import quiet_libraries

        os.chdir(place)  # where names of files are meant from
        quiet_libraries()
        self._open = ExitStack()
        everything: tuple[Any, ...] = (*asked, SILENT)
        self._study, self._bench = self._open.enter_context(opened(*everything))
        seed = self._bench.recipe.seed + APART * (number + 1) + len(self._study.trials)
        self._study.sampler = optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=WARM_UP, constant_liar=True
        )

    def attempt(self) -> str:
        """One trial; a line on what came of it."""
        return attempt(self._study, self._bench)


class Cluster:
    """A number of workers, by default one a core; see `vertikit.tune.study.Search`."""

    def __init__(
        self,
        asked: tuple[str, Sources, Sequence[Mapping[str, Any]], Sequence[str], Path],
        workers: int | None = None,
        address: str | None = None,
    ) -> None:
        self._asked, self._workers, self._address = asked, workers, address

    def __call__(
        self, study: optuna.Study, bench: Bench, left: int, until: float | None, progress: Progress
    ) -> None:
        del study, bench  # each worker opens its own
        if not left:
            return
        with cluster(self._workers, self._address) as ray:
            count = min(left, self._workers or int(ray.cluster_resources().get("CPU", 1)))
            kind = ray.remote(num_cpus=1)(Worker)
            *first, folder = self._asked
            asked = (*first, folder.resolve())
            busy = {}
            for number in range(count):
                worker = kind.remote(number, str(Path.cwd()), *asked)
                busy[worker.attempt.remote()] = worker
            left -= count
            while busy:
                (ready,), _ = ray.wait(list(busy), num_returns=1)
                worker = busy.pop(ready)
                try:
                    progress.line(ray.get(ready))
                except ray.exceptions.RayError as error:
                    raise VertikitError(
                        f"a worker was lost in a trial, {type(error).__name__}.",
                        "The same command with the same --output goes on after the last trial.",
                    ) from error
                if until is not None and time.monotonic() > until:
                    if left:
                        progress.line(TIME_IS_UP)
                    left = 0
                if left:
                    left -= 1
                    busy[worker.attempt.remote()] = worker
