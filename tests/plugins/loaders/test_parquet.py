from __future__ import annotations

import datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.plugins.loaders.reading import rows_of
from vertikit import VertikitError
from vertikit_plugins.loaders.parquet import ParquetLoader


def test_columns_of_every_type_become_strings(tmp_path):
    table = pa.table(
        {
            "text": pa.array(["fever", None], pa.large_string()),
            "whole": [1, None],
            "real": [1.5, float("nan")],
            "flag": [True, False],
            "day": [datetime.date(2020, 1, 2), None],
            "list": [[1, 2], None],
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "nothing": pa.nulls(2),
        }
    )
    parquet.write_table(table, tmp_path / "notes.parquet")
    loaded = ParquetLoader().load(str(tmp_path / "notes.parquet"), tmp_path)
    assert rows_of(loaded) == [
        {"text": "fever", "whole": "1", "real": "1.5", "flag": "true", "day": "2020-01-02", "list": "[1, 2]"}
        | {"kind": "a", "nothing": None, "_row": 1},
        {"text": None, "whole": None, "real": None, "flag": "false", "day": None, "list": None}
        | {"kind": "b", "nothing": None, "_row": 2},
    ]


def test_row_numbers_go_on_over_batches(tmp_path):
    parquet.write_table(pa.table({"text": [str(at) for at in range(25_000)]}), tmp_path / "notes.parquet")
    rows = rows_of(ParquetLoader().load(str(tmp_path / "notes.parquet"), tmp_path))
    assert [row["_row"] for row in rows] == list(range(1, 25_001))


def test_what_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "notes.parquet"
    path.write_text("text,b\n1,2\n")
    with pytest.raises(VertikitError, match="no Parquet file"):
        ParquetLoader().load(str(path), tmp_path)


def test_a_file_without_rows_is_refused(tmp_path):
    parquet.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "notes.parquet")
    with pytest.raises(VertikitError, match="no rows"):
        ParquetLoader().load(str(tmp_path / "notes.parquet"), tmp_path)


def test_the_name_of_the_row_number_is_taken(tmp_path):
    parquet.write_table(pa.table({"_row": [1]}), tmp_path / "notes.parquet")
    with pytest.raises(VertikitError, match="_row"):
        ParquetLoader().load(str(tmp_path / "notes.parquet"), tmp_path)
