"""The columns of a table as arrays: what a backbone, a baseline or an expert of tables reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertikit.columns import Column
from vertikit.table_columns import MICROSECOND, Category, Timestamp

if TYPE_CHECKING:
    from vertikit.examples import Examples


class TableValues(Mapping[str, Any]):
    """Name -> values [N] of those columns that belong to a table and that the examples have.

    float64 with NaN where missing for numbers and for points in time (seconds since 1970 UTC); objects, None where
    missing, for categories. A column is read when it is asked for and not kept: all at once may not fit in memory.
    """

    def __init__(self, columns: Sequence[Column], examples: Examples) -> None:
        present = set(examples.table.column_names)
        self._columns = {
            column.name: column for column in columns if column.modality == "table" and column.name in present
        }
        self._examples = examples

    def __getitem__(self, name: str) -> Any:
        column = self._columns[name]
        if isinstance(column, Category):
            return self._examples.values(name)
        numbers = self._examples.numbers(name)
        return numbers / MICROSECOND if isinstance(column, Timestamp) else numbers

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def table_values(columns: Sequence[Column], examples: Examples) -> TableValues:
    """The values of `columns` for `examples`; see `TableValues`."""
    return TableValues(columns, examples)
