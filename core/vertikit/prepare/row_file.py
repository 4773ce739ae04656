"""Rows on disk: an Arrow IPC stream of string columns and `_row`, the number of a row in its file.

Written batch by batch and read memory-mapped, so a table may be larger than memory. Loaders of any
plugin write theirs with these functions.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import VertikitError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from datasets import Dataset
    from numpy.typing import NDArray

ROW = "_row"
BATCH = 10_000
"""Rows in a batch where the source does not set the size."""


def as_text(value: object) -> str | None:
    """A value of any source as the string that a column parses: None where it holds nothing.

    Booleans become "true" and "false", lists and objects JSON; a whole float keeps its ".0", a decimal all
    its digits.
    """
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return None if math.isnan(value) else repr(value)
        case Decimal():
            return None if value.is_nan() else format(value, "f")
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode("utf-8", errors="replace")
    text = str(value)
    return None if text in ("NaT", "<NA>") else text


def string_batches(
    columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str | None]]]
) -> Iterator[pa.RecordBatch]:
    """Batches of rows given as (number in the file, values in the order of `columns`)."""
    import pyarrow as pa

    schema = row_schema(columns)
    remaining = iter(rows)
    while chunk := list(islice(remaining, BATCH)):
        values = [_string_array([row[1][at] for row in chunk]) for at in range(len(columns))]
        yield pa.record_batch([*values, pa.array([row[0] for row in chunk], pa.int64())], schema=schema)


def _string_array(values: Sequence[str | None]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half a surrogate pair, which Python strings may hold and UTF-8 may not
        return pa.array([value and value.encode(errors="replace").decode() for value in values], pa.string())


def numbered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of any column types as strings, with `_row` counted from 1."""
    import numpy as np
    import pyarrow as pa

    start = 1
    for batch in batches:
        columns = [as_strings(column) for column in batch.columns]
        numbers = pa.array(np.arange(start, start + len(batch), dtype=np.int64))
        start += len(batch)
        yield pa.record_batch([*columns, numbers], schema=row_schema(batch.schema.names))


def row_schema(columns: Sequence[str]) -> pa.Schema:
    """Every column as string, and `_row`; VertikitError where the file has a column of that name."""
    import pyarrow as pa

    if ROW in columns:
        raise VertikitError(
            f"a column is called {ROW}, which Vertikit uses itself.", "Rename it in the file."
        )
    return pa.schema([*((name, pa.string()) for name in columns), (ROW, pa.int64())])


def as_strings(column: pa.Array) -> pa.Array:
    """A column [N] of any type, each value as `as_text` gives it."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_dictionary(kind):
        return as_strings(column.dictionary_decode())
    if kinds.is_string(kind):
        return column
    if kinds.is_large_string(kind) or kinds.is_integer(kind) or kinds.is_boolean(kind) or kinds.is_date(kind):
        return column.cast(pa.string())
    return pa.array([as_text(value) for value in column.to_pylist()], pa.string())


def write_rows(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write batches as an Arrow IPC stream; the number of rows."""
    import pyarrow as pa

    count = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += len(batch)
    return count


def read_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches of a row file, memory-mapped."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def row_table(path: Path) -> Dataset:
    """The columns of a row file, memory-mapped, without the numbers of the rows.

    Its fingerprint is drawn: nothing here looks at one, and to compute it takes longer than a small table does.
    """
    from datasets import Dataset
    from datasets.table import MemoryMappedTable

    return Dataset(MemoryMappedTable.from_file(str(path)).drop([ROW]), fingerprint=uuid.uuid4().hex)


def rows_between(
    batches: Iterable[pa.RecordBatch], start: int, stop: int, size: int
) -> Iterator[pa.RecordBatch]:
    """The rows from position `start` to before `stop` of batches, in pieces of at most `size` rows."""
    at = 0
    for batch in batches:
        first, last = max(start - at, 0), min(stop - at, len(batch))
        at += len(batch)
        for begin in range(first, last, size):
            yield batch.slice(begin, min(size, last - begin))
        if at >= stop:
            return


def keep_rows(path: Path, keep: NDArray[np.bool_], target: Path) -> None:
    """Write the rows of `path` where `keep` [N] holds to `target`."""
    import pyarrow as pa

    def kept() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in read_batches(path):
            yield batch.filter(pa.array(keep[start : start + len(batch)]))
            start += len(batch)

    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        schema: Any = reader.schema
    write_rows(target, schema, kept())
