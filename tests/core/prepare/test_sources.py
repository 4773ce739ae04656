from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vertikit import UsageError, VertikitError
from vertikit.prepare.reading import as_sources
from vertikit.prepare.sources import source_names


def test_a_missing_file_is_named_with_its_neighbours(read, write, tmp_path):
    write([{"text": "fever"}])
    with pytest.raises(UsageError, match=r"notse\.csv: no such file") as error:
        read([str(tmp_path / "notse.csv")])
    assert str(tmp_path / "notes.csv") in error.value.do


def test_a_missing_folder_is_named(read, tmp_path):
    with pytest.raises(UsageError, match=r"the folder .*nowhere does not exist"):
        read([str(tmp_path / "nowhere" / "notes.csv")])


def test_a_folder_is_refused_with_what_would_do(read, tmp_path):
    with pytest.raises(UsageError, match="is a folder") as error:
        read([str(tmp_path)])
    assert f"hf://{tmp_path}" in error.value.do


def test_a_file_of_an_unknown_kind_lists_what_can_be_read(read, tmp_path):
    (tmp_path / "notes.docx").write_text("x")
    with pytest.raises(UsageError, match=r"nothing here reads .*notes\.docx") as error:
        read([str(tmp_path / "notes.docx")])
    assert "CSV" in error.value.do and "Parquet" in error.value.do


def test_an_empty_file_is_refused(read, tmp_path):
    (tmp_path / "notes.csv").touch()
    with pytest.raises(VertikitError, match=r"is empty \(0 bytes\)"):
        read([str(tmp_path / "notes.csv")])


def test_a_loader_that_breaks_gives_one_line_without_a_value(read, tmp_path, monkeypatch):
    from vertikit_plugins.loaders.csv import CsvLoader

    def broken(*_):
        raise RuntimeError("fever of Mrs Smith")

    monkeypatch.setattr(CsvLoader, "load", broken)
    (tmp_path / "notes.csv").write_text("text\nfever\n")
    with pytest.raises(VertikitError, match=r"notes\.csv cannot be read.*RuntimeError") as error:
        read([str(tmp_path / "notes.csv")])
    assert "Smith" not in str(error.value)


def test_sources_are_named_by_file_and_by_folder_where_that_is_not_enough():
    assert source_names(["/a/b/notes.csv"]) == ["notes.csv"]
    assert source_names(["/a/b/notes.csv", "/a/c/notes.csv", "x.csv"]) == [
        "b/notes.csv",
        "c/notes.csv",
        "x.csv",
    ]
    assert source_names(["/a/b/n.csv", "/c/b/n.csv"]) == ["a/b/n.csv", "c/b/n.csv"]
    assert source_names(["n.csv", "n.csv"]) == ["n.csv", "n.csv"]
    assert source_names(["n.csv", "x/n.csv"]) == ["n.csv", "x/n.csv"]


def test_rows_in_memory_are_read_in_any_form(read):
    frame = pd.DataFrame({"text": ["fever", None, "rash"], "age": [3, 70.0, np.nan]}, index=[7, 8, 9])
    rows = read([frame])
    assert rows.examples.column("text") == ["fever", "rash"]
    assert rows.examples.column("age") == ["<18", None]
    assert [(bad.row, bad.source) for bad in rows.bad] == [(2, "rows in memory")]
    assert read([[{"text": "fever"}, {"age": 3, "text": "rash"}]]).examples.column("age") == [None, "<18"]
    assert read([["fever", "", "rash"]]).position.tolist() == [0, 2]


def test_plain_values_need_a_task_with_one_required_input(read):
    with pytest.raises(UsageError, match="which column a plain value belongs to"):
        read([["fever", {"text": "rash"}]])


@pytest.mark.parametrize("rows", [[], pd.DataFrame({"text": []})])
def test_no_rows_in_memory_are_refused(read, rows):
    with pytest.raises(VertikitError, match="no rows were given"):
        read([rows])


def test_values_of_odd_types_are_read_or_missing(read):
    rows = read(
        [[{"text": np.str_("a")}, {"text": 5}, {"text": pd.NA}, {"text": pd.NaT}, {"text": "half \ud800"}]]
    )
    assert rows.examples.column("text") == ["a", "5", "half ?"]


def test_what_is_no_table_is_refused(read):
    with pytest.raises(UsageError, match="rows of type int"):
        read([5])


def test_one_argument_of_a_python_caller_becomes_sources(tmp_path):
    frame = pd.DataFrame()
    assert as_sources("a.csv") == ["a.csv"]
    assert as_sources(tmp_path) == [str(tmp_path)]
    assert as_sources(("a.csv", tmp_path)) == ["a.csv", str(tmp_path)]
    assert as_sources(["fever", "rash"]) == [["fever", "rash"]]
    assert as_sources(frame)[0] is frame
