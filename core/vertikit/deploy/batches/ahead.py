"""One thread reads and another writes while the model answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

Each = TypeVar("Each")

WAIT = 0.2
"""Seconds after which a waiting thread looks whether it is still needed."""


def ahead(items: Iterator[Each], depth: int = 2) -> Iterator[Each]:
    """The same items, up to `depth` of them made by another thread before they are asked for; its errors come here."""
    queue: Queue[tuple[Each | None, BaseException | None]] = Queue(depth)
    over = threading.Event()

    def put(item: Each | None, error: BaseException | None) -> bool:
        while not over.is_set():
            try:
                queue.put((item, error), timeout=WAIT)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item, None):
                    return
        except BaseException as error:
            put(None, error)
        else:
            put(None, StopIteration())

    thread = threading.Thread(target=work, name="reading", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item, error = queue.get(timeout=WAIT)
            except Empty:
                continue
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # only an error comes without one
    finally:
        over.set()
        thread.join()
