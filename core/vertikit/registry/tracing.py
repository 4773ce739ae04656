"""VERTIKIT_TRACE=1: a line on standard error for each import of a plugin and each call of a hook, with its time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

VARIABLE = "VERTIKIT_TRACE"


def is_traced(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user asks for it."""
    return environ.get(VARIABLE, "") not in ("", "0")


@dataclass
class Spent:
    """Seconds that a call took, known when it is over."""

    seconds: float = 0.0


@contextmanager
def timed(what: str, plugin: str, traced: bool) -> Iterator[Spent]:
    """Measure what happens inside, and tell it where asked: whose call it was, how long it took, how it ended."""
    spent = Spent()
    started = time.perf_counter()
    ended = ""
    try:
        yield spent
    except BaseException as error:
        ended = f"  {type(error).__name__}: {' '.join(str(error).split())}"
        raise
    finally:
        spent.seconds = time.perf_counter() - started
        if traced:
            print(f"trace: {spent.seconds * 1e3:9.2f} ms  {plugin}  {what}{ended}", file=sys.stderr)
