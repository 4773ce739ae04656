"""The windows of sensors that a backbone of series reads, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.columns import Column
from vertikit.errors import VertikitError
from vertikit.windows import Windows

if TYPE_CHECKING:
    from vertikit.examples import Examples


@dataclass(frozen=True)
class SeriesValues:
    """Windows [N] of the sensors in `names`, whose readings lie in the columns `places` of `windows.readings`."""

    windows: Windows
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def places(self) -> list[int]:
        return [self.windows.names.index(name) for name in self.names]


def series_values(columns: Sequence[Column], examples: Examples) -> SeriesValues:
    """The examples' windows of those columns; VertikitError where they have none, or lack a sensor."""
    names = tuple(column.name for column in columns)
    known = () if examples.windows is None else examples.windows.names
    lacking = [name for name in names if name not in known]
    if examples.windows is None or lacking:
        raise VertikitError(
            f"the model reads the sensor {lacking[0]}, and these rows have none of that name.",
            f"Name it: --map {lacking[0]}=COLUMN",
        )
    return SeriesValues(examples.windows, names)
