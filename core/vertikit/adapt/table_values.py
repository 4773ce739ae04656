"""The columns of a table as arrays: what a backbone, a baseline or an expert of tables reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vertikit.columns import Column
from vertikit.table_columns import MICROSECOND, Category, Timestamp

if TYPE_CHECKING:
    from vertikit.examples import Examples


def table_values(columns: Sequence[Column], examples: Examples) -> dict[str, Any]:
    """Name -> values [N] of those columns that belong to a table and that the examples have.

    float64 with NaN where missing for numbers and for points in time (seconds since 1970 UTC); objects, None where
    missing, for categories.
    """
    present = set(examples.table.column_names)
    values: dict[str, Any] = {}
    for column in columns:
        if column.modality != "table" or column.name not in present:
            continue
        if isinstance(column, Category):
            values[column.name] = examples.values(column.name)
        else:
            numbers = examples.numbers(column.name)
            values[column.name] = numbers / MICROSECOND if isinstance(column, Timestamp) else numbers
    return values
