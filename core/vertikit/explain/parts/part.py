"""One part of an example."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What can be taken away from an example by itself.

    Args:
        column: that it stands in. place: where in it, without its value: "word 3"; "" of a whole cell.
        value: what stands there. private: whether that stays out of logs and reports.
        start, stop: its place in the column, in characters or readings.
    """

    column: str
    place: str
    value: str
    private: bool
    start: int = 0
    stop: int = 0

    @property
    def name(self) -> str:
        """Without its value: "text, word 3"."""
        return f"{self.column}, {self.place}" if self.place else self.column
