"""What is counted, for Prometheus: requests, seconds, batches, what waits, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from vertikit.serve.fleet import Fleet

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

__all__ = ["CONTENT_TYPE_LATEST", "Counters"]


class Counters:
    """The figures of one server. Labels are routes and names of runs, never what a client made up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        named = {"registry": self._registry}
        self.requests = Counter(
            "vertikit_requests", "Requests by route and status.", ["route", "status"], **named
        )
        self.seconds = Histogram(
            "vertikit_request_seconds",
            "From a request's head to its answer.",
            ["route"],
            buckets=SECONDS,
            **named,
        )
        self.batch_rows = Histogram(
            "vertikit_batch_rows", "Rows that were answered together.", ["run"], buckets=ROWS, **named
        )
        self.batch_seconds = Histogram(
            "vertikit_batch_seconds", "That such a batch took.", ["run"], buckets=SECONDS, **named
        )
        self.rows = Counter("vertikit_rows", "Rows answered.", ["run"], **named)
        self._waiting = Gauge("vertikit_waiting_requests", "Requests that wait for a run.", ["run"], **named)
        self._runs = Gauge("vertikit_runs", "Runs in service.", **named)
        self._memory = Gauge("vertikit_resident_bytes", "Resident memory of this process.", **named)

    def text(self, fleet: Fleet) -> bytes:
        """All of them, in the text format."""
        self._waiting.clear()
        for hosted in fleet.all():
            self._waiting.labels(hosted.name).set(hosted.batcher.waiting)
        self._runs.set(len(fleet.all()))
        self._memory.set(resident_bytes())
        text: bytes = generate_latest(self._registry)
        return text

    def forget(self, run: str) -> None:
        """Drop the figures of a run that is no longer served."""
        for each in (self.batch_rows, self.batch_seconds, self.rows):
            each.remove_by_labels({"run": run})


def resident_bytes() -> int:
    """Of this process."""
    import psutil

    return int(psutil.Process().memory_info().rss)
