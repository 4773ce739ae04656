"""Columns of readings over time: a sensor row by row, a recording in a file of its own, a number that is foretold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vertikit.columns import Column, Value

if TYPE_CHECKING:
    from vertikit.outcome import Outcome

DECILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


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


@dataclass(frozen=True)
class Future(Value):
    """A target: the next readings of a number that is read over time, series by series.

    An example is a series at one moment, its origin: it holds the readings up to there (`reshape.context`), and what is
    foretold are those of the steps after it (`reshape.horizon`). A cell without a number is a gap in the series.

    Args:
        levels: of the quantiles that are foretold, rising, with 0.5 among them; the first and the last are the ends of
            the interval that is shown.
    """

    ahead: ClassVar[bool] = True
    levels: tuple[float, ...] = DECILES

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.levels, self.levels[1:], strict=False))
        if not rising or 0.5 not in self.levels or not 0 < self.levels[0] <= self.levels[-1] < 1:
            raise ValueError(f"column {self.name!r}: levels rise between 0 and 1, and hold 0.5")
        if len(self.levels) == 2:
            raise ValueError(f"column {self.name!r}: levels are 0.5 alone, or three and more")

    def outcome(self, values: Sequence[Any]) -> Outcome:  # noqa: ARG002
        from vertikit.outcome.forecast import Forecast

        return Forecast(levels=self.levels, minimum=self.minimum, maximum=self.maximum)
