"""Progress for a person: rich bars on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TextIO

Advance = Callable[[int], None]

QUIET_SECONDS = 10.0
"""Where there is no terminal, a line at most this often."""


class Progress:
    """What a run says while it works.

    Args:
        stream: where to; standard error, as it is now, by default. None says nothing.
    """

    def __init__(self, stream: TextIO | Literal["stderr"] | None = "stderr") -> None:
        self._stream = sys.stderr if stream == "stderr" else stream
        self._above: Callable[[str], None] | None = None
        """Prints a line above the bar that is drawn at the moment."""

    def line(self, text: str) -> None:
        """One line, at once."""
        if self._above is not None:
            self._above(text)
        elif self._stream is not None:
            print(text, file=self._stream, flush=True)

    @contextmanager
    def bar(self, label: str, total: int, unit: str) -> Iterator[Advance]:
        """A bar over `total` units; call what it yields with how many more are done."""
        if self._stream is None or total == 0:
            yield lambda _: None
        elif self._stream.isatty():
            with _rich_bar(self._stream, label, total, unit) as (advance, above):
                self._above = above
                try:
                    yield advance
                finally:
                    self._above = None
        else:
            yield from self._plain_bar(label, total, unit)

    def _plain_bar(self, label: str, total: int, unit: str) -> Iterator[Advance]:
        start = last = time.monotonic()
        done = 0

        def advance(count: int) -> None:
            nonlocal done, last
            done += count
            now = time.monotonic()
            if now - last >= QUIET_SECONDS and done < total:
                last = now
                rate = done / (now - start)
                left = (total - done) / rate
                self.line(f"{label}: {done:,} of {total:,} {unit}, {rate:,.0f} a second, {_clock(left)} left")

        yield advance
        seconds = time.monotonic() - start
        rate = done / seconds if seconds > 0 else 0.0
        self.line(f"{label}: {done:,} {unit} in {_clock(seconds)} ({rate:,.0f} a second)")


SILENT = Progress(None)


@contextmanager
def _rich_bar(
    stream: TextIO, label: str, total: int, unit: str
) -> Iterator[tuple[Advance, Callable[[str], None]]]:
    """How to advance it, and how to print above it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit}, {{task.fields[rate]}} a second"),
        TimeElapsedColumn(),
        TextColumn("/"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(file=stream)) as progress:
        task = progress.add_task(label, total=total, rate="…")

        def advance(count: int) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, advance=count, rate="…" if speed is None else f"{speed:,.0f}")

        yield (
            advance,
            lambda text: progress.console.print(text, markup=False, highlight=False, soft_wrap=True),
        )


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"
