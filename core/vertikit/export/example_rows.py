"""Examples as the rows of a file that an export reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vertikit.table_columns import MICROSECOND

if TYPE_CHECKING:
    from vertikit.examples import Examples


def example_rows(inputs: Sequence[Mapping[str, Any]], examples: Examples) -> list[dict[str, Any]]:
    """A JSON object an example, with the inputs that model.json describes; None where missing."""
    columns = {
        each["name"]: _cells(each["name"], each["type"], examples)
        for each in inputs
        if each["name"] in examples.column_names
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cells(name: str, kind: str, examples: Examples) -> list[Any]:
    if kind == "series":
        windows = examples.windows
        assert windows is not None
        place = windows.names.index(name)
        return [
            [_number(value) for value in windows.readings[start:stop, place].tolist()]
            for start, stop in zip(windows.start, windows.stop, strict=True)
        ]
    if kind == "number":
        return [_number(value) for value in examples.numbers(name).tolist()]
    if kind == "timestamp":
        return [None if math.isnan(each) else _time(each) for each in examples.numbers(name).tolist()]
    return list(examples.column(name))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _time(microseconds: float) -> str:
    since = timedelta(microseconds=int(microseconds))
    assert timedelta(seconds=1) / timedelta(microseconds=1) == MICROSECOND
    return (datetime(1970, 1, 1, tzinfo=UTC) + since).isoformat()
