"""What a transfer matrix holds, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vertikit.training.started import NEGATIVE, kind_of, told

PLAIN = ""
"""Where a source would stand: the plain encoder."""


@dataclass(frozen=True)
class Origin:
    """A run that is started from: its folder, its name in the matrix, its task, and the sha256 of its manifest."""

    folder: str
    name: str
    task: str
    sha256: str


@dataclass
class Cell:
    """One training for a target, from a source or (`PLAIN`) from the plain encoder.

    Args:
        score: the primary metric with its interval. difference: to the plain encoder, paired, positive where better.
        why: why there is no score, or no difference. seconds: of its training.
        known: labelled rows of the target, those beyond the budget too, that the source has learnt from.
    """

    source: str
    score: Mapping[str, Any] = field(default_factory=dict)
    difference: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    seconds: float | None = None
    known: int = 0

    @property
    def notes(self) -> list[str]:
        """What to know beside the figures."""
        found = [self.why or str(self.difference.get("why") or "")]
        if self.known:
            found.append(f"it has learnt from {self.known:,} rows of this very data")
        return [each for each in found if each]

    @property
    def kind(self) -> str:
        """Of the transfer; "" where nothing is compared."""
        return kind_of(self.difference) if self.difference else ""


@dataclass
class Line:
    """All cells of a target; `why` says why there are none. `rows` that train, `valid` that choose epochs, `tested`."""

    target: str
    task: str
    data: str
    primary: str = ""
    higher_is_better: bool = True
    rows: int = 0
    valid: int = 0
    tested: int = 0
    cells: list[Cell] = field(default_factory=list)
    why: str = ""

    def cell(self, source: str) -> Cell:
        """The one from that source; an empty one that says why, where there is none."""
        found = (each for each in self.cells if each.source == source)
        return next(found, Cell(source, why=self.why or "not trained yet"))


@dataclass(frozen=True)
class Matrix:
    """Sources in columns, targets in lines."""

    sources: tuple[Origin, ...]
    lines: tuple[Line, ...]

    @property
    def warnings(self) -> list[str]:
        """A sentence for each transfer that is worse beyond luck."""
        return [self.sentence(line, each) for line, each in self.told() if each.kind == NEGATIVE]

    def told(self) -> list[tuple[Line, Cell]]:
        """Every cell that is compared with the plain encoder."""
        return [(line, each) for line in self.lines for each in line.cells if each.kind]

    def sentence(self, line: Line, cell: Cell) -> str:
        """What the start was worth."""
        return f"{line.target}: {told(cell.difference, line.primary, cell.source)}"

    def as_json(self) -> dict[str, Any]:
        """The content of matrix.json."""
        return {
            "sources": [{"run": each.folder, "name": each.name, "task": each.task} for each in self.sources],
            "targets": [
                {
                    **{key: value for key, value in asdict(line).items() if key != "cells"},
                    "plain": _cell(line.cell(PLAIN)),
                    "cells": [{**_cell(line.cell(each.name)), "source": each.name} for each in self.sources],
                }
                for line in self.lines
            ],
            "warnings": self.warnings,
        }


def _cell(cell: Cell) -> dict[str, Any]:
    found = {key: value for key, value in asdict(cell).items() if value not in ({}, "", None, 0)}
    return found | ({"kind": cell.kind} if cell.kind else {})
