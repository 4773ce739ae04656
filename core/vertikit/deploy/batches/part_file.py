"""A part file while it is written: a Parquet file under another name, which gets its own when all is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from vertikit.contracts import BadRow
from vertikit.deploy.batches.columns import schema_of
from vertikit.deploy.batches.durable import HALF, rename_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.deploy.batches.ranked import Ranked


class PartFile:
    """Tables of answers, one below the other.

    Args:
        path: the name that it gets. target: what is answered.
    """

    def __init__(self, path: Path, target: Column) -> None:
        self._path, self._target = path, target
        self._half = path.with_name(path.name + HALF)
        self._file: BinaryIO | None = None
        self._writer: Any = None
        self.rows = 0
        self.bad: list[BadRow] = []
        self.ranked: list[Ranked] = []

    def write(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Add lines: columns [n], each time the same."""
        import pyarrow as pa
        from pyarrow import parquet

        if self._writer is None:
            self._file = self._half.open("wb")
            self._writer = parquet.ParquetWriter(self._file, schema_of(columns, self._target))
        schema = self._writer.schema
        arrays = [pa.array(columns[each.name], each.type, from_pandas=True) for each in schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self.rows += len(arrays[0])

    def close(self) -> None:
        """All is written, and on the disk."""
        assert self._writer is not None and self._file is not None
        self._writer.close()
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())

    def name(self) -> None:
        """Give the file its name."""
        rename_whole(self._half, self._path)
