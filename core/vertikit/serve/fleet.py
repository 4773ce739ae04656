"""The runs in service: found by route and name, added and removed while others answer."""

from __future__ import annotations

import threading
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from vertikit.errors import UsageError, VertikitError, did_you_mean
from vertikit.serve.hosted import Hosted, host
from vertikit.serve.problems import Fault, Problem, unusable
from vertikit.serve.settings import Settings
from vertikit.serve.sharing import Pool, give_back

if TYPE_CHECKING:
    from vertikit.registry import Registry
    from vertikit.serve.counters import Counters


class Fleet:
    """Runs by name, in the order in which they came; the first of a task is its default.

    Reading and leaving take seconds, and are done by whatever thread asks, one at a time.
    """

    def __init__(self, settings: Settings, counters: Counters, known: Registry | None = None) -> None:
        self.settings, self._counters, self._known = settings, counters, known
        self._runs: dict[str, Hosted] = {}
        self._changing = threading.Lock()
        self._pool = Pool()
        self.version = 0
        """Other after every change."""

    def all(self) -> list[Hosted]:
        return list(self._runs.values())

    def add(self, folder: Path) -> Hosted:
        """Read a run and serve it; VertikitError where it cannot be, or its name is taken."""
        name = folder.resolve().name
        with self._changing:
            if name in self._runs:
                raise UsageError(
                    f"a run called {name} is served already ({self._runs[name].run.folder}).",
                    "Rename the folder of one of them.",
                )

            def told(rows: int, seconds: float) -> None:
                self._counters.batch_rows.labels(name).observe(rows)
                self._counters.batch_seconds.labels(name).observe(seconds)
                self._counters.rows.labels(name).inc(rows)

            hosted = host(folder, self.settings, told, self._pool, self._known)
            self._runs = {**self._runs, name: hosted}
            self.version += 1
            return hosted

    def remove(self, name: str) -> None:
        """Take a run out of service: what waits is answered first. Problem 404 where there is none of that name."""
        with self._changing:
            hosted = self._runs.get(name)
            if hosted is None:
                raise Problem(404, "No run of that name is served. GET /v1/tasks lists them.")
            self._runs = {other: each for other, each in self._runs.items() if other != name}
            self.version += 1
        hosted.close()
        self._counters.forget(name)
        del hosted
        give_back()

    def close(self) -> None:
        """Answer what waits, and end."""
        for hosted in self.all():
            hosted.close()

    def find(self, route: str, name: str | None) -> Hosted:
        """The run that answers for a task; Problem 404 with the near ones where there is none."""
        here = [each for each in self.all() if each.route == route]
        if not here:
            routes = sorted({each.route for each in self.all()})
            raise Problem(404, f"No run of that task is served. {did_you_mean(route, routes)}".strip())
        if name is None:
            return here[0]
        for each in here:
            if each.name == name:
                return each
        raise Problem(
            404,
            f"No run of that name is served for {route}. {did_you_mean(name, [each.name for each in here])}".strip(),
            [Fault("run", "is not served")],
        )


def below(root: Path, given: object) -> Path:
    """The folder of a run that a request names, under `root` and nowhere else; Problem where it leads elsewhere."""
    if not isinstance(given, str) or not given or len(given) > 500 or "\x00" in given:
        raise Problem(
            422, '"path" has to be the name of a run folder.', [Fault("path", "is no name of a folder")]
        )
    parts = PurePosixPath(given.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in given:
        raise Problem(403, "The path leads out of the folder that runs are taken from.", [
            Fault("path", "leads out of the folder", "Give it below --runs-root, as NAME or SUB/NAME.")
        ])  # fmt: skip
    try:
        whole = (root / parts).resolve()
        inside = whole.is_relative_to(root.resolve()) and whole != root.resolve()
        there = whole.is_dir()
    except (OSError, ValueError, RuntimeError):
        inside, there = True, False
    if not inside:
        raise Problem(403, "The path leads out of the folder that runs are taken from.", [
            Fault("path", "leads out of the folder", "Give it below --runs-root, as NAME or SUB/NAME.")
        ])  # fmt: skip
    if not there:
        raise Problem(404, "There is no such run folder.", [Fault("path", "is not there")])
    return whole


def added(fleet: Fleet, folder: Path) -> Hosted:
    """Serve a run that a request named; Problem where it cannot be."""
    try:
        return fleet.add(folder)
    except UsageError as error:
        raise Problem(409, f"{error.what} {error.do}".strip()) from error
    except VertikitError as error:
        raise unusable(error) from error
