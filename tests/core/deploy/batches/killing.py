"""Work that is stopped at its n-th step of writing: killed, with no chance to tidy up, or interrupted."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class StoppedError(BaseException):
    """In the middle of the work."""


def killed_at(stop: int, work: Callable[[], Any]) -> bool:
    """Fork, work, and die before the `stop`-th of: a file seen onto the disk, renamed, or removed. Whether it was
    killed, and did not come to its end before. Polars has threads that a fork lacks: work that needs it is for
    `interrupted_at`."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    try:
        _count(lambda name, step: setattr(*name, step), stop, lambda: os.kill(os.getpid(), signal.SIGKILL))
        work()
    finally:
        os._exit(0)


def interrupted_at(stop: int, work: Callable[[], Any]) -> bool:
    """The same by an exception that nothing catches, in this process."""

    def end() -> None:
        raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        _count(lambda name, step: patch.setattr(*name, step), stop, end)
        try:
            work()
        except StoppedError:
            return True
    return False


def _count(put: Callable[[tuple[Any, str], Any], None], stop: int, end: Callable[[], None]) -> None:
    """Let `end` be called at the `stop`-th step."""
    steps = itertools.count(1)

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*arguments: Any, **named: Any) -> Any:
            if next(steps) == stop:
                end()
            return step(*arguments, **named)

        return taken

    put((os, "fsync"), counted(os.fsync))
    put((Path, "replace"), counted(Path.replace))
    put((Path, "unlink"), counted(Path.unlink))
