"""The work in pieces: each a stretch of one source's rows, and one part file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vertikit.contracts import BadRow
from vertikit.deploy.batches.sources import Opened


@dataclass(frozen=True)
class Piece:
    """Rows of a source.

    Args:
        number: from 0, over all sources.
        source: which of them.
        start, stop: positions among its rows that can be read.
        bad: rows between these that cannot.
    """

    number: int
    source: int
    start: int
    stop: int
    bad: tuple[BadRow, ...]

    @property
    def name(self) -> str:
        """Of the part file."""
        return f"part-{self.number:05}.parquet"

    @property
    def rows(self) -> int:
        """All of them."""
        return self.stop - self.start + len(self.bad)


def cut(sources: Sequence[Opened], size: int) -> list[Piece]:
    """Pieces of `size` rows (the last of a source may have fewer), in order; no row is in two or in none."""
    pieces: list[Piece] = []
    for at, source in enumerate(sources):
        starts = range(0, max(source.rows, 1), size)
        waiting = list(source.bad)
        for start in starts:
            stop = min(start + size, source.rows)
            own = waiting
            if waiting and stop < source.rows:
                last = source.number(stop - 1)
                own = [bad for bad in waiting if bad.row <= last]
            waiting = waiting[len(own) :]
            pieces.append(Piece(len(pieces), at, start, stop, tuple(own)))
    return pieces
