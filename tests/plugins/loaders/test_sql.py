from __future__ import annotations

import datetime
import hashlib
import shlex
import sqlite3
import sys
import tracemalloc
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.plugins.loaders.reading import rows_of
from vertikit import UsageError, VertikitError
from vertikit.cli import main
from vertikit.prepare.prepared import Sources
from vertikit.prepare.row_file import as_text
from vertikit.prepare.sources import shown
from vertikit.recipe import Recipe
from vertikit.registry import registry
from vertikit.run.resuming import start_record
from vertikit_plugins.loaders.sql import SqlLoader

pytest.importorskip("sqlalchemy")

HOSTILE = 'a"; drop table b; --'
SECRET = "geheim"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A database of four tables and a view."""
    path = tmp_path / "bank.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            f"""
            CREATE TABLE tx (id INTEGER PRIMARY KEY, note TEXT, amount REAL, day DATE);
            INSERT INTO tx VALUES (2, 'Überweisung 円', 0.5, '2025-01-02'), (1, NULL, 7.0, 'no day');
            CREATE TABLE "{HOSTILE.replace('"', '""')}" ("x:y %s" TEXT, "tx.id" BLOB);
            INSERT INTO "{HOSTILE.replace('"', '""')}" VALUES (CAST(x'ff61' AS TEXT), x'ff62');
            CREATE TABLE b (x); INSERT INTO b VALUES (9007199254740993);
            CREATE TABLE bare (x);
            CREATE VIEW large AS SELECT * FROM tx WHERE amount > 1;
            """
        )
    return path


def load(path: Path, wanted: str = "", query: str = "") -> list[dict[str, object]]:
    return rows_of(
        SqlLoader().load(f"sqlite:///{path}{query}" + (f"#{wanted}" if wanted else ""), path.parent)
    )


def refused(path: Path, wanted: str = "") -> VertikitError:
    with pytest.raises(VertikitError) as error:
        load(path, wanted)
    assert "Traceback" not in str(error.value) and error.value.do
    return error.value


def make(path: Path, script: str, rows: Sequence[Sequence[Any]] = ()) -> Path:
    """A database made by a script; `rows` go into its table t."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(script)
        if rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return path


def test_a_table_is_read_in_the_order_of_its_primary_key(bank):
    assert load(bank, "tx") == [
        {"id": "1", "note": None, "amount": "7.0", "day": "no day", "_row": 1},
        {"id": "2", "note": "Überweisung 円", "amount": "0.5", "day": "2025-01-02", "_row": 2},
    ]


def test_a_key_of_several_columns_orders_as_well(tmp_path):
    rows = [("b", 1), ("a", 2), ("a", 1)]
    path = make(tmp_path / "keys.db", "CREATE TABLE t (x TEXT, y INTEGER, PRIMARY KEY (x, y))", rows)
    assert [(row["x"], row["y"]) for row in load(path)] == [("a", "1"), ("a", "2"), ("b", "1")]


def test_a_statement_is_read_in_its_own_order(bank):
    rows = load(bank, " select id, note from tx where day > '2025-01-01' or note is null ORDER BY id DESC; ")
    assert [(row["id"], row["_row"]) for row in rows] == [("2", 1), ("1", 2)]
    assert load(bank, "WITH q AS (SELECT 1 AS one) SELECT * FROM q") == [{"one": "1", "_row": 1}]


def test_a_table_of_a_named_schema_and_a_view_are_read(bank):
    assert len(load(bank, "main.tx")) == 2
    assert [row["id"] for row in load(bank, "large")] == ["1"]


def test_a_name_with_quotes_and_a_statement_in_it_is_but_a_name(bank):
    assert load(bank, HOSTILE) == [{"x:y %s": "\ufffda", "tx.id": "\ufffdb", "_row": 1}]
    assert len(load(bank, "b")) == 1


def test_no_sign_of_a_statement_stands_for_a_parameter(bank):
    rows = load(bank, "SELECT '%s :id %% ; ?' AS \"a.b\" FROM tx")
    assert rows[0] == {"a.b": "%s :id %% ; ?", "_row": 1}
    assert load(bank, "SELECT '#x\\' AS c") == [{"c": "#x\\", "_row": 1}]


def test_the_only_table_needs_no_name_and_several_are_listed(bank, tmp_path):
    alone = make(
        tmp_path / "one.db", "CREATE TABLE t (x); INSERT INTO t VALUES (5); CREATE VIEW v AS SELECT 1"
    )
    assert load(alone) == [{"x": "5", "_row": 1}]
    error = refused(bank)
    assert error.status == 2 and "has 4 tables" in error.what
    assert f"b, bare, tx. Name one, such as --data {shlex.quote(f'sqlite:///{bank}#{HOSTILE}')}" in error.do


def test_a_table_larger_than_a_chunk_is_streamed(tmp_path):
    text = "x" * 1_000
    path = make(
        tmp_path / "big.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT)",
        [(at, f"{at} {text}") for at in range(50_000)],
    )
    load(make(tmp_path / "small.db", "CREATE TABLE t (x)", [(1,)]))  # what is imported does not count
    tracemalloc.start()
    loaded = SqlLoader().load(f"sqlite:///{path}#t", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with pa.memory_map(str(loaded.path)) as source, pa.ipc.open_stream(source) as reader:
        batches = list(reader)
    assert [len(batch) for batch in batches] == [10_000] * 5
    numbers = [number for batch in batches for number in batch.column("_row").to_pylist()]
    assert numbers == list(range(1, 50_001))
    assert batches[4].column("note")[9_999].as_py() == f"49999 {text}"
    assert peak < 30e6  # the table is 50 MB


def test_nothing_is_written_by_any_means(bank):
    before = hashlib.sha256(bank.read_bytes()).hexdigest()
    beside = sorted(bank.parent.iterdir())
    for statement in (
        "DELETE FROM tx",
        "drop table b",
        "PRAGMA user_version = 5",
        "INSERT INTO b VALUES (1)",
        "/* SELECT */ DELETE FROM tx",
    ):
        error = refused(bank, statement)
        assert "neither a table of it nor a statement that only reads" in error.what and "SELECT" in error.do
    assert "readonly" in refused(bank, "WITH q AS (SELECT 1) DELETE FROM tx").what
    assert len(load(bank, "tx", "?mode=rwc")) == 2
    assert "readonly" in str(_error_of(bank, "WITH q AS (SELECT 1) DELETE FROM tx", "?mode=rwc"))
    assert hashlib.sha256(bank.read_bytes()).hexdigest() == before
    assert sorted(set(bank.parent.iterdir()) - {bank.parent / "rows.arrow"}) == beside


def _error_of(path: Path, wanted: str, query: str) -> VertikitError:
    with pytest.raises(VertikitError) as error:
        load(path, wanted, query)
    return error.value


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; DROP TABLE b",
        "SELECT E'\\''; DROP TABLE b; --'",
        "SELECT $$'$$; DROP TABLE b; --'",
        "SELECT 1 /* ' */; DROP TABLE b --'",
        "SELECT `'`; DROP TABLE b; --'",
        "SELECT 'open; DROP TABLE b",
        "SELECT 1;;",
    ],
)
def test_a_second_statement_is_refused_before_anything_runs(bank, statement):
    assert "more than one statement" in refused(bank, statement).what


def test_a_missing_file_is_not_made(tmp_path, bank):
    error = refused(tmp_path / "bnak.db", "tx")
    assert error.status == 2 and "there is no file" in error.what and str(bank) in error.do
    assert not (tmp_path / "bnak.db").exists()
    assert "is a folder" in refused(tmp_path, "tx").what


@pytest.mark.parametrize("address", ["sqlite://", "sqlite://bank.db#tx", "sqlite:///:memory:"])
def test_a_url_without_a_file_shows_how_one_is_named(address, tmp_path):
    with pytest.raises(UsageError, match="names no file") as error:
        SqlLoader().load(address, tmp_path)
    assert "sqlite:///bank.db#TABLE" in error.value.do


def test_a_name_of_a_file_may_hold_any_sign_written_as_in_a_url(tmp_path):
    path = make(tmp_path / "a#b ?%ä.db", "CREATE TABLE t (x); INSERT INTO t VALUES (5)")
    assert load(tmp_path / "a%23b %3F%25ä.db") == [{"x": "5", "_row": 1}]
    assert load(path.rename(tmp_path / "a b.db")) == [{"x": "5", "_row": 1}]


def test_what_is_no_database_is_said_in_one_line(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("text,b\n" * 500)
    error = refused(path, "tx")
    assert "file is not a database" in error.what and "SQLite file" in error.do


def test_a_mistyped_table_gets_the_near_ones(bank):
    error = refused(bank, "lage")
    assert "has no table 'lage'" in error.what and "Did you mean 'large'?" in error.do


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("SELECT nope FROM tx", "no such column: nope"),
        ("SELECT id FROM", "incomplete input"),
        ("SELECT 1 AS a, id, 2 AS a FROM tx", "two columns called 'a'"),
        ("SELECT id FROM tx WHERE id > 99", "the statement gives no rows"),
        ("bare", "bare has no rows"),
        ("SELECT id AS _row FROM tx", "a column is called _row"),
        ('SELECT id AS "" FROM tx', "column 1 of the statement has no name"),
    ],
)
def test_what_cannot_be_read_says_why(bank, wanted, what):
    assert what in refused(bank, wanted).what


def test_a_database_without_tables_is_refused(tmp_path):
    (tmp_path / "empty.db").touch()
    assert "has no tables" in refused(tmp_path / "empty.db").what


def test_values_of_drivers_become_plain_strings():
    moment = datetime.datetime(2025, 1, 2, 3, 4, 5, 600, datetime.UTC)
    values = [True, 2**70, Decimal("1E+3"), Decimal("1E-10"), Decimal("12.50"), 0.1, b"caf\xc3\xa9"]
    assert [as_text(value) for value in values] == [
        *("true", "1180591620717411303424", "1000", "0.0000000001", "12.50", "0.1", "café")
    ]
    assert as_text(memoryview(b"ab")) == as_text(bytearray(b"ab")) == "ab"
    assert as_text(Decimal("NaN")) is None
    assert datetime.datetime.fromisoformat(as_text(moment) or "") == moment
    assert as_text(moment.date()) == "2025-01-02"


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("mysql+pymysql://u:geheim@h/d", "pymysql"),
        ("mysql://u:geheim@h/d", "mysqlclient"),
        ("snowflake://u:geheim@h/d", "snowflake-sqlalchemy"),
    ],
)
def test_a_missing_driver_is_named_with_its_package(address, package, tmp_path, monkeypatch):
    for module in ("pymysql", "MySQLdb"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as error:
        SqlLoader().load(f"{address}#t", tmp_path)
    assert f'pip install "{package}"' in error.value.do and SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("postgres://u:geheim@h/d", "postgresql://"),
        ("sqlite+aiosqlite:///x.db", "asynchronous"),
        ("sqlite+nonsense:///bank.db", "has no 'sqlite+nonsense'"),
        ("postgresql://u:ge#heim@h/d", "is no URL"),
        ("postgresql://u:x@geheim@h/d", "is no URL"),
        ("postgresql://u:geheim@h:port/d", "is no URL"),
    ],
)
def test_a_wrong_url_is_said_without_its_password(address, what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bank.db").touch()
    (tmp_path / "x.db").touch()
    with pytest.raises(UsageError) as error:
        SqlLoader().load(f"{address}#t", tmp_path)
    assert what in str(error.value)
    assert SECRET not in str(error.value) and "heim" not in str(error.value)


def test_only_urls_of_databases_are_taken():
    reads = SqlLoader().reads
    assert all(
        map(reads, ["sqlite:///a.db", "postgresql+psycopg://u@h/d#t", "snowflake://x", "mssql+pyodbc://"])
    )
    assert not any(map(reads, ["a.csv", "hf://owner/name", "s3://bucket/a.csv", "sqlite.db", "https://a/b"]))


def test_a_column_of_the_database_reaches_the_command_line(bank, capsys):
    assert main(["check", "medical/diagnosis", f"sqlite:///{bank}#tx", "--map", "text=nope"]) == 2
    assert "bank.db#tx has no column 'nope'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "medical/diagnosis", "nonsense://u:geheim@h/d#t"],
        ["check", "medical/diagnosis", "nonsense:///d?user=u&password=geheim#t"],
        ["check", "medical/diagnosis", "a.csv", "--test", "valid=postgresql://u:geheim@h/d#t"],
        ["tasks", "medical", "postgresql://u:geheim@h/d#t"],
        ["check", "medical/diagnosis", "sqlite+nonsense://u:geheim@h/d#t"],
    ],
)
def test_no_message_of_the_command_line_shows_a_password(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert "***" in said.err and SECRET not in said.err + said.out


def test_what_trainings_remember_of_a_database_is_free_of_its_password():
    recipe = Recipe.model_validate(dict.fromkeys(("backbone", "strategy", "head", "loss", "policy"), "any"))
    long = "#SELECT " + ", ".join(f"column_{at}" for at in range(500))
    records = [
        start_record("a/b", Sources((f"postgresql://u:{word}@h/d{long}",)), recipe)["sha256"]
        for word in (SECRET, "other")
    ]
    assert records[0] == records[1]
    assert start_record("a/b", Sources(("postgresql://u:x@h/other",)), recipe)["sha256"] != records[0]


def test_without_sqlalchemy_the_message_says_what_to_install(bank, monkeypatch, tmp_path):
    from vertikit.prepare.sources import load_source
    from vertikit.registry import component

    monkeypatch.setattr(component, "_installed", lambda name: name != "sqlalchemy")
    with pytest.raises(UsageError, match="nothing here reads") as error:
        load_source(f"sqlite:///{bank}", registry().task("medical/diagnosis"), registry(), tmp_path / "rows")
    assert "SQLAlchemy" in error.value.do and "pip install vertikit[finance]" in error.value.do
    assert shown(str(bank)) == str(bank)
