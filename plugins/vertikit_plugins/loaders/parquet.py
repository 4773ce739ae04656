"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit import VertikitError
from vertikit.contracts import Loaded
from vertikit.prepare.row_file import ROW, numbered, row_schema, rows_between, write_rows

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 10_000


class ParquetLoader:
    """Columns of any type, as strings: lists and structs as JSON, null is missing. Any row is found by its row group,
    so that a file larger than memory is read where it lies (`RangeLoader`)."""

    def reads(self, source: str) -> bool:
        return "://" not in source and source.lower().endswith((".parquet", ".pq"))

    def load(self, source: str, folder: Path) -> Loaded:
        path = folder / "rows.arrow"
        with _opened(source) as file:
            columns = tuple(file.schema_arrow.names)
            count = write_rows(path, row_schema(columns), numbered(file.iter_batches(batch_size=BATCH)))
        if not count:
            raise _without_rows(source)
        return Loaded(path, columns)

    def outline(self, source: str) -> tuple[tuple[str, ...], int]:
        with _opened(source) as file:
            columns, count = tuple(file.schema_arrow.names), int(file.metadata.num_rows)
        row_schema(columns)
        if not count:
            raise _without_rows(source)
        return columns, count

    def rows(self, source: str, start: int, stop: int, size: int) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        with _opened(source) as file:
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
            ends = np.cumsum([0, *sizes])
            groups = np.flatnonzero((ends[:-1] < stop) & (ends[1:] > start)).tolist()
            if not groups:
                return
            first = int(ends[groups[0]])
            batches = file.iter_batches(batch_size=size, row_groups=groups)
            at = start
            for batch in rows_between(batches, start - first, stop - first, size):
                numbers = pa.array(np.arange(at + 1, at + 1 + len(batch), dtype=np.int64))
                at += len(batch)
                yield pa.RecordBatch.from_arrays([*batch.columns, numbers], names=[*batch.schema.names, ROW])


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    """The file; VertikitError where it is none, or damaged."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        raise VertikitError(
            f"{source} is no Parquet file, or it is damaged.", "Copy or export it again."
        ) from error


def _without_rows(source: str) -> VertikitError:
    return VertikitError(f"{source} has columns and no rows.", "Export it again, with its rows.")
