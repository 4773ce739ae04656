"""A process of its own that is killed, with no chance to tidy up, at its n-th step of writing."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any


def killed_at(stop: int, work: Callable[[], Any]) -> bool:
    """Fork, work, and die before the `stop`-th of: a file seen onto the disk, renamed, or removed. Whether it was
    killed, and did not come to its end before."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    steps = itertools.count(1)

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*arguments: Any, **named: Any) -> Any:
            if next(steps) == stop:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments, **named)

        return taken

    os.fsync = counted(os.fsync)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
    try:
        work()
    finally:
        os._exit(0)
