"""Columns of readings over time: a sensor of a machine row by row, or a recording in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vertikit.columns import Column


@dataclass(frozen=True)
class Series(Column):
    """A sensor read over time: what an example holds of it is a window of readings (`Examples.windows`).

    Where a recipe cuts rows into windows, every input that is a number becomes one.
    """

    arrow: ClassVar[str] = "double"
    modality: ClassVar[str] = "series"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "description": self.help}


@dataclass(frozen=True)
class Recording(Series):
    """A cell that names a recording: a file or an array under `--root`, with a row or a stretch of it.

    `pump.wav`, `run7`, `signal[3]` (one of several records of the same length), `run7[160:]` (readings from 160 on).
    """

    arrow: ClassVar[str] = "string"

    def parse(self, raw: str) -> str:
        if "\x00" in raw or len(raw) > 1000:
            raise ValueError("is no name of a recording")
        return raw.strip()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.help}
