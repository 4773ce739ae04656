"""A Ray cluster to work on; nothing is started when this is imported."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vertikit.errors import UsageError

KNOCK = 5.0
"""Seconds within which a cluster answers the door."""
STORE = 200 * 2**20
"""Bytes for objects on a cluster of one's own: pieces of work are small, and rows go by files."""


@contextmanager
def cluster(workers: int | None, address: str | None) -> Iterator[Any]:
    """The module `ray`, connected: to a cluster at `address`, to one that this process is connected to already, or to
    one of `workers` cores on this machine, which is stopped at the end.

    UsageError where Ray is not installed or nothing answers at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise UsageError("--engine ray: Ray is not installed.", 'pip install "vertikit[ray]"') from error
    if ray.is_initialized():
        yield ray
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}
    if address is not None:
        try:
            _knock(address)
            ray.init(address=address, **quiet)
        except Exception as error:
            raise UsageError(
                f"--address {address}: no Ray cluster answers ({type(error).__name__}).",
                "Give the address that `ray start --head` said, or leave it out for a cluster on this machine.",
            ) from error
    else:
        # Processes that Ray starts are in folders of their own: where this one imports from is told in full.
        os.environ["PYTHONPATH"] = os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each)
        ray.init(num_cpus=workers or cores(), include_dashboard=False, object_store_memory=STORE, **quiet)
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """OSError where nobody listens there: Ray itself would go on trying for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=KNOCK).close()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
