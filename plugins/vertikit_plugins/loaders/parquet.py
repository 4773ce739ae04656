"""Parquet files."""

from __future__ import annotations

from pathlib import Path

from vertikit import VertikitError
from vertikit.contracts import Loaded
from vertikit.prepare.row_file import numbered, row_schema, write_rows


class ParquetLoader:
    """Columns of any type, as strings: lists and structs as JSON, null is missing."""

    def reads(self, source: str) -> bool:
        return "://" not in source and source.lower().endswith((".parquet", ".pq"))

    def load(self, source: str, folder: Path) -> Loaded:
        import pyarrow as pa
        from pyarrow import parquet

        path = folder / "rows.arrow"
        try:
            with parquet.ParquetFile(source) as file:
                columns = tuple(file.schema_arrow.names)
                count = write_rows(path, row_schema(columns), numbered(file.iter_batches(batch_size=10_000)))
        except (pa.ArrowInvalid, OSError) as error:
            raise VertikitError(
                f"{source} is no Parquet file, or it is damaged.", "Copy or export it again."
            ) from error
        if not count:
            raise VertikitError(f"{source} has columns and no rows.", "Export it again, with its rows.")
        return Loaded(path, columns)
