"""Rows where they lie: stretches of a Parquet file, values that have types already, and a thread that reads ahead."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from vertikit.deploy.batches.ahead import ahead
from vertikit.deploy.batches.summed import summed
from vertikit.prepare.row_file import ROW, as_strings, read_batches
from vertikit.table_columns import Number, Time, Timestamp
from vertikit_plugins.loaders.parquet import ParquetLoader


@pytest.mark.parametrize(
    ("start", "stop", "size"), [(0, 100, 7), (29, 61, 100), (30, 60, 30), (99, 100, 1), (0, 1, 9)]
)
def test_any_stretch_of_a_parquet_file_has_the_rows_that_reading_all_of_it_has(start, stop, size, tmp_path):
    path = str(tmp_path / "rows.parquet")
    table = pd.DataFrame({"a": [f"t{at}" for at in range(100)], "b": np.arange(100) / 8})
    table.to_parquet(path, row_group_size=30, index=False)
    loader = ParquetLoader()
    assert loader.outline(path) == (("a", "b"), 100)
    every = pa.Table.from_batches(read_batches(loader.load(path, tmp_path).path)).slice(start, stop - start)
    found = list(loader.rows(path, start, stop, size))
    assert all(0 < len(batch) <= size for batch in found)
    for name in ("a", "b", ROW):
        whole = pa.chunked_array([batch.column(name) for batch in found]).combine_chunks()
        expected = every.column(name).to_pylist()
        assert (whole if name == ROW else as_strings(whole)).to_pylist() == expected


VALUES = [
    pa.array([1, 2, None, -3]),
    pa.array([1.5, None, -0.0, float("nan"), 1e-300]),
    pa.array([0.1, 2.7], pa.float32()),
    pa.array([2**53 + 1, 1]),
    pa.array([1e16, 1.0]),
    pa.array([float("inf"), 1.0]),
    pa.array([True, False]),
    pa.array([None, None], pa.int64()),
]


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_numbers_that_have_a_type_are_what_they_would_be_as_text(values):
    column = Number("x")
    found = column.take_all(values)
    texts = column.parse_all(as_strings(values))
    if found is None or texts is None:
        assert found is None
    else:
        assert (
            found.equals(texts)
            and not np.signbit(found.fill_null(1.0).to_numpy()[found.fill_null(1.0).to_numpy() == 0]).any()
        )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_that_have_a_type_are_what_they_would_be_as_text(unit):
    values = pa.array([datetime(2025, 3, 1, 12, 30), None, datetime(1999, 1, 1)], pa.timestamp(unit))
    for column in (Timestamp("t"), Time("t")):
        assert column.take_all(values).equals(column.parse_all(as_strings(values)))


def test_a_time_in_the_future_is_looked_at_one_by_one():
    assert Time("t").take_all(pa.array([datetime(2150, 1, 1)], pa.timestamp("us"))) is None
    assert Timestamp("t").take_all(pa.array([datetime(2250, 1, 1)], pa.timestamp("us"))) is None


def test_what_is_read_ahead_comes_in_order_and_its_error_too():
    def items():
        yield from range(5)
        raise OSError("gone")

    found = []
    with pytest.raises(OSError, match="gone"):
        for each in ahead(items()):
            found.append(each)
    assert found == list(range(5))


def test_the_same_sentence_of_several_pieces_is_told_once_with_its_sums():
    lines = [
        "text: 3 too long: 20 tokens left out",
        "age: 1 missing",
        "text: 1,004 too long: 5 tokens left out",
    ]
    assert summed(lines) == ["text: 1,007 too long: 25 tokens left out", "age: 1 missing"]


def test_a_reader_ends_where_nobody_reads_on():
    taken = []

    def items():
        for at in range(1000):
            taken.append(at)
            yield at

    for each in ahead(items()):
        if each == 3:
            break
    assert len(taken) < 10
