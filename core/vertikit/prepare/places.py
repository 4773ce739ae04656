"""How messages name and count rows: by number and file, never by value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertikit.examples import Examples


def several(count: int, one: str = "row", many: str = "") -> str:
    """«1 row», «1,200 rows»."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def place(examples: Examples, at: int) -> str:
    """Where an example stands: "row 17 of notes.csv"."""
    return f"row {examples.rows[at]} of {examples.source[at]}"


def places(examples: Examples, positions: Iterable[int], most: int = 5) -> str:
    """Where several examples stand: "rows 3, 17", with their files where these are several."""
    positions = list(positions)
    rest = f" and {len(positions) - most:,} more" if len(positions) > most else ""
    if len(set(examples.source)) == 1:
        return "rows " + ", ".join(str(examples.rows[at]) for at in positions[:most]) + rest
    return ", ".join(place(examples, at) for at in positions[:most]) + rest
