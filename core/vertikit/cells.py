"""The values of a column, read from disk as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.examples import Indices

AT_ONCE = 4096
"""Values in memory while all are gone through."""


class Cells(Sequence[Any]):
    """A column as a sequence that holds none of its values: a slice of it is a list, an index one value.

    Args:
        column: memory-mapped. positions: which of its values and in what order; without it, all.
        missing: what stands for a missing value.
    """

    def __init__(
        self, column: pa.ChunkedArray, positions: Indices | None = None, *, missing: Any = None
    ) -> None:
        self._column, self._positions, self._missing = column, positions, missing
        self._starts = np.cumsum([0, *(len(chunk) for chunk in column.chunks)])

    def take(self, positions: Indices) -> Cells:
        """The values at those positions, in that order."""
        chosen = positions if self._positions is None else self._positions[positions]
        return Cells(self._column, chosen, missing=self._missing)

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._positions is None else len(self._positions)

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...

    def __getitem__(self, at: int | slice) -> Any:
        if not isinstance(at, slice):
            place = range(len(self))[at]
            return self[place : place + 1][0]
        start, stop, step = at.indices(len(self))
        if self._positions is None and step == 1:
            found = self._column.slice(start, max(0, stop - start)).to_pylist()
        else:
            places = np.arange(start, stop, step, dtype=np.int64)
            found = self._read(places if self._positions is None else self._positions[places])
        return [self._missing if value is None else value for value in found]

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), AT_ONCE):
            yield from self[start : start + AT_ONCE]

    def _read(self, places: Indices) -> list[Any]:
        """Chunk by chunk: `take` of a whole chunked column would put it together in memory first."""
        found: list[Any] = [None] * len(places)
        owners = np.searchsorted(self._starts, places, side="right") - 1
        for owner in np.unique(owners):
            own = np.flatnonzero(owners == owner)
            values = self._column.chunk(int(owner)).take(places[own] - self._starts[owner]).to_pylist()
            for at, value in zip(own.tolist(), values, strict=True):
                found[at] = value
        return found


class Tuples(Sequence[tuple[Any, ...]]):
    """Columns side by side, read in the same way: each value is a tuple of theirs."""

    def __init__(self, columns: Sequence[Cells]) -> None:
        self._columns = columns

    def take(self, positions: Indices) -> Tuples:
        """The values at those positions, in that order."""
        return Tuples([each.take(positions) for each in self._columns])

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, at: int) -> tuple[Any, ...]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[Any, ...]]: ...

    def __getitem__(self, at: int | slice) -> Any:
        values = [each[at] for each in self._columns]
        return list(zip(*values, strict=True)) if isinstance(at, slice) else tuple(values)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self._columns, strict=True)
