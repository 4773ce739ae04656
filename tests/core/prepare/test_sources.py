from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vertikit import UsageError, VertikitError
from vertikit.prepare.reading import as_sources
from vertikit.prepare.sources import shown, source_names


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


def test_urls_are_named_by_their_last_part_without_a_password():
    assert source_names(["postgresql://u:geheim@host/bank#tx", "sqlite:////data/bank.db#other"]) == [
        "bank#tx",
        "bank.db#other",
    ]
    assert source_names(["postgresql://u:geheim@host"]) == ["u:***@host"]
    assert source_names(["postgresql:///bank?host=/run/x&password=geheim#tx"]) == [
        "bank?host=/run/x&password=***#tx"
    ]
    assert source_names(["sqlite:///a/bank.db#tx", "sqlite:///b/bank.db#tx"]) == [
        "a/bank.db#tx",
        "b/bank.db#tx",
    ]
    long = "sqlite:///bank.db#SELECT " + "a, " * 500 + "b FROM tx WHERE day"
    early, late = source_names([f"{long} < '2025'", f"{long} >= '2025'"])
    assert early != late and len(late) < 100


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("postgresql://u:geheim@h/d#t", "postgresql://u:***@h/d#t"),
        ("postgresql://u@corp:ge@he/i#m ?@h:5432/d", "postgresql://u@corp:***@h:5432/d"),
        ("https://:geheim@h/d", "https://:***@h/d"),
        ("mssql+pyodbc:///?odbc_connect=SERVER=h;PWD=ge heim&x=1", "mssql+pyodbc:///?odbc_connect=***&x=1"),
        ("postgresql://h:5432/d#SELECT * FROM t WHERE a = 'b@c'", None),
        ("postgresql://u@h/d?sslmode=require#t", None),
        ("hf://owner/name@main", None),
        ("notes:a@b.csv", None),
    ],
)
def test_a_source_is_shown_without_its_password(source, expected):
    expected = expected or source
    assert shown(source) == expected
    message = f"{expected} has no table 'x'. Did you mean 'x@y'?"
    assert source.endswith(".csv") or shown(shown(message)) in (message, shown(message))


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
