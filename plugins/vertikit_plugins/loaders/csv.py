"""CSV and TSV, plain or gzipped: quick where the file is flawless, careful where it is not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vertikit.contracts import Loaded
from vertikit.prepare.row_file import numbered, row_schema, string_batches, write_rows
from vertikit_plugins.loaders.csv_records import Records
from vertikit_plugins.loaders.files import has_suffix, open_text_bytes

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 4 << 20
"""Bytes that the quick reader takes at once; a longer record falls to the careful one."""


class CsvLoader:
    """One header line, then a record a line; UTF-8.

    Fields are separated by commas, in .tsv files by tabs; a .csv whose header has no comma but
    semicolons or tabs is read with these. A record with too few or too many fields, with quotes that
    do not match, or that is not UTF-8 is a bad row with its text as it stands in the file.
    """

    def reads(self, source: str) -> bool:
        return has_suffix(source, (".csv", ".tsv"))

    def load(self, source: str, folder: Path) -> Loaded:
        path = folder / "rows.arrow"
        with open_text_bytes(source) as stream:
            head = stream.readline()
            separator = _separator(source, head)
            columns = _quick_columns(head, separator)
        if columns is None or not _load_quickly(source, path, columns, separator):
            return _load_carefully(source, path, separator)
        return Loaded(path, tuple(columns))


def _separator(source: str, head: bytes) -> str:
    if has_suffix(source, (".tsv",)):
        return "\t"
    counts = {sign: head.count(sign.encode()) for sign in ",;\t"}
    return "," if counts[","] or not any(counts.values()) else max(counts, key=lambda sign: counts[sign])


def _quick_columns(head: bytes, separator: str) -> list[str] | None:
    """The column names if the header is one line that leaves no doubt."""
    try:
        fields = next(csv.reader([head.decode("utf-8-sig")], delimiter=separator, strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    columns = [field.strip() for field in fields]
    return columns if columns and all(columns) and len(set(columns)) == len(columns) else None


class _Counted(RawIOBase):
    """A stream that counts the quotes passing through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.quotes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.quotes += data.count(b'"')
        return data


def _load_quickly(source: str, path: Path, columns: list[str], separator: str) -> bool:
    """Read with Arrow, if nothing in the file is odd.

    Arrow refuses rows of the wrong length and bytes that are not UTF-8, but not a quote that is never
    closed: that swallows rows in silence. Rows are only swallowed into a value that holds a line break
    (or, at the end of a file, leaves an odd number of quotes), so such files are read carefully.
    """
    import pyarrow as pa
    import pyarrow.compute as compute
    from pyarrow import csv as arrow_csv

    class OddError(Exception):
        pass

    with open_text_bytes(source) as stream:
        counted = _Counted(stream)

        def batches() -> Iterator[pa.RecordBatch]:
            reader = arrow_csv.open_csv(
                pa.PythonFile(counted, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    column_names=columns, skip_rows=1, use_threads=False, block_size=BLOCK
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=separator, newlines_in_values=True, ignore_empty_lines=len(columns) > 1
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in columns},
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                for column in batch.columns:
                    if compute.any(compute.match_substring_regex(column, "[\r\n]")).as_py():
                        raise OddError
                yield batch

        try:
            count = write_rows(path, row_schema(columns), numbered(batches()))
        except (OddError, pa.ArrowInvalid):
            return False
    return count > 0 and counted.quotes % 2 == 0


def _load_carefully(source: str, path: Path, separator: str) -> Loaded:
    with open_text_bytes(source) as stream:
        records = Records(stream, source, separator)
        write_rows(path, row_schema(records.columns), string_batches(records.columns, records))
    records.check()
    return Loaded(path, records.columns, tuple(records.bad))
