"""A server from start to end: it listens, and on SIGTERM lets what is under way come to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from vertikit.errors import UsageError
from vertikit.serve.app import Service, build_app
from vertikit.serve.counters import Counters
from vertikit.serve.fleet import Fleet
from vertikit.serve.logs import JsonLines, Log
from vertikit.serve.protocol import bounded_protocol
from vertikit.serve.settings import Settings
from vertikit.serve.sharing import few_arenas

BACKLOG = 2048
SWITCH = 0.001
"""Seconds for which one thread may keep the others from Python: answers to small requests do not wait for a model."""


def serve(
    folders: Sequence[Path],
    settings: Settings,
    *,
    host: str,
    port: int,
    log: Log | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve these runs until a signal ends it; VertikitError where one cannot be served, or the port is taken.

    `tell` gets a line on each run, and where the page is.
    """
    log = log or Log()
    listening = _listen(host, port)  # what cannot be had is said before the runs are read
    _raise_file_limit()
    few_arenas()
    sys.setswitchinterval(SWITCH)
    counters = Counters()
    fleet = Fleet(settings, counters)
    service = Service(fleet, settings, counters)
    try:
        for folder in folders:
            hosted = fleet.add(folder)
            tell(f"{hosted.name}: {hosted.run.verdict}")
        _log_libraries(log)
        shown = f"[{host}]" if ":" in host else host

        def begun() -> None:
            tell(f"serving {len(folders)} at http://{shown}:{listening.getsockname()[1]}/ (Ctrl-C ends it)")
            log.write("started", runs=[each.name for each in fleet.all()])

        Draining(service, log, begun).run(sockets=[listening])
        log.write("ended")
    finally:
        fleet.close()
        listening.close()


class Draining(uvicorn.Server):
    """On a signal it first says that it is not ready, for those who send requests to turn elsewhere; then takes no
    more connections, and ends when the last request is answered. A second signal ends it at once."""

    def __init__(self, service: Service, log: Log, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once it listens."""
        settings = service.settings
        super().__init__(
            uvicorn.Config(
                build_app(service, log),
                http=bounded_protocol(settings.connections, settings.head_seconds),
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=int(max(1, settings.head_seconds)),
                timeout_graceful_shutdown=int(settings.seconds + settings.body_seconds),
            )
        )
        self._service, self._begun = service, begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._begun()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._service.draining:
            self.should_exit = self.force_exit = True
            return
        self._service.draining = True

    async def on_tick(self, counter: int) -> bool:
        if self._service.draining and not self.should_exit:
            await asyncio.sleep(self._service.settings.drain_seconds)
            self.should_exit = True
        return await super().on_tick(counter)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; UsageError where it cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{host}:{port} cannot be listened at: {reason}.", "Choose another --port or --host."
        ) from error
    return found


def _raise_file_limit() -> None:
    """Every connection is an open file, and shells often allow 1,024."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log_libraries(log: Log) -> None:
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [JsonLines(log)]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
