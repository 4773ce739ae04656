"""A real server, started for these tests where PostgreSQL is installed: a unix socket, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.plugins.loaders.reading import rows_of
from vertikit import VertikitError
from vertikit_plugins.loaders.sql import SqlLoader

pytest.importorskip("sqlalchemy")
psycopg = pytest.importorskip("psycopg")

PASSWORD = "ge@he/i#m"
HOSTILE = 'a"; drop table tx; %s --'


def _programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    folders = (
        [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder of the socket of a server with a user "teller" and a database "bank"."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    # The server refuses to run as root, and another user may not enter the folders of pytest; besides, the
    # path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        other: dict[str, Any] = {}
        if os.geteuid() == 0:
            import pwd

            users = [each for each in pwd.getpwall() if each.pw_name in ("postgres", "nobody")]
            if not users:
                pytest.skip("PostgreSQL refuses to run as root, and there is no other user to run it")
            user = min(users, key=lambda each: each.pw_name != "postgres")
            other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", str(folder / "data"), *arguments]
            with (folder / "said").open("wb") as said:  # a pipe would be held open by the server
                done = subprocess.run(command, cwd=folder, stdout=said, stderr=said, timeout=60, **other)
            if done.returncode:
                pytest.fail(f"{program}: {(folder / 'said').read_text()}")

        try:
            run(
                *("initdb", "-U", "teller", "--auth=scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync"),
                f"--pwfile={folder / 'password'}",
            )
        except PermissionError:
            pytest.skip("PostgreSQL refuses to run as root, and another user cannot be taken on here")
        run("pg_ctl", "-w", "-o", f"-c listen_addresses='' -c fsync=off -k {folder}", "start")
        try:
            _fill(folder)
            yield folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _connect(folder: Path, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(folder), user="teller", password=PASSWORD, dbname=database, autocommit=True
    )


def _fill(folder: Path) -> None:
    with _connect(folder, "postgres") as connection:
        connection.execute("CREATE DATABASE bank")
    with _connect(folder, "bank") as connection:
        connection.execute(
            "CREATE TABLE tx (id int PRIMARY KEY, note text, amount numeric, big numeric, real float8, paid bool,"
            " at timestamptz, day date, raw bytea, tags text[], more jsonb, key uuid)"
        )
        connection.execute(
            "INSERT INTO tx SELECT at, 'Überweisung ' || at, at + 0.50, 1e30, 0.1, at % 2 = 0,"
            " '2025-01-02 03:04:05+00', '2025-01-02', 'ab', '{a,é}', '{\"k\": [1]}', "
            " '00000000-0000-0000-0000-000000000001' FROM generate_series(25000, 1, -1) AS at"
        )
        connection.execute("UPDATE tx SET note = NULL, amount = 'NaN' WHERE id = 2")
        name = '"' + HOSTILE.replace('"', '""') + '"'
        connection.execute(f'CREATE SCHEMA "Old" CREATE TABLE {name} ("p%q" text)')
        connection.execute(f"INSERT INTO \"Old\".{name} VALUES ('100 %')")
        connection.execute("CREATE TABLE bare ()")
        connection.execute("CREATE SEQUENCE counter")


def _address(folder: Path, user: str = "teller") -> str:
    return f"postgresql+psycopg://{user}@/bank?host={folder}"


def _load(folder: Path, tmp_path: Path, wanted: str) -> list[dict[str, object]]:
    return rows_of(SqlLoader().load(f"{_address(folder)}#{wanted}", tmp_path))


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def test_rows_of_every_type_are_streamed_in_the_order_of_the_key(server, tmp_path):
    rows = _load(server, tmp_path, "tx")
    assert [row["_row"] for row in rows] == list(range(1, 25_001)) == [int(str(row["id"])) for row in rows]
    first = dict(rows[0])
    moment = datetime.fromisoformat(str(first.pop("at")))
    assert moment == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first == {
        "id": "1",
        "note": "Überweisung 1",
        "amount": "1.50",
        "big": "1" + "0" * 30,
        "real": "0.1",
        "paid": "false",
        "day": "2025-01-02",
        "raw": "ab",
        "tags": '["a", "é"]',
        "more": '{"k": [1]}',
        "key": "00000000-0000-0000-0000-000000000001",
        "_row": 1,
    }
    assert (rows[1]["note"], rows[1]["amount"], rows[1]["paid"]) == (None, None, "true")


def test_a_statement_is_run_as_it_was_typed(server, tmp_path):
    inner = "SELECT id::text, '%s :x %%' AS odd FROM tx WHERE note LIKE '%g 7_'"
    wanted = f"WITH q AS ({inner}) SELECT * FROM q ORDER BY 1;"
    rows = _load(server, tmp_path, wanted)
    assert [row["id"] for row in rows] == [str(at) for at in range(70, 80)]
    assert rows[0]["odd"] == "%s :x %%"


def test_rows_come_through_a_cursor_of_the_server(server, tmp_path):
    rows = _load(server, tmp_path, "SELECT count(*) AS count, max(statement) AS said FROM pg_cursors")
    assert rows[0]["count"] == "1" and "DECLARE" in str(rows[0]["said"])


def test_a_hostile_name_in_another_schema_is_but_a_name(server, tmp_path):
    assert _load(server, tmp_path, f"Old.{HOSTILE}") == [{"p%q": "100 %", "_row": 1}]


def test_the_password_may_stand_in_the_url_and_is_never_told(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PGPASSWORD")
    right = _address(server, f"teller:{quote(PASSWORD, safe='')}")
    assert len(rows_of(SqlLoader().load(f"{right}#SELECT 1 AS one", tmp_path))) == 1
    for address, what in (
        (right.replace("ge%40", "xy%40"), "password authentication failed"),
        (_address(server, "teller:geheim"), "password authentication failed"),
        (_address(server), "no password supplied"),
        (f"{right}#nope", "has no table 'nope'"),
        (f"{right}#SELECT nope", 'column "nope" does not exist'),
        (right.replace("bank", "banks"), 'database "banks" does not exist'),
    ):
        with pytest.raises(VertikitError) as error:
            SqlLoader().load(address, tmp_path)
        assert what in str(error.value)
        assert not any(part in str(error.value) for part in ("heim", "%40he", "@he", "he/i", "i%23m"))


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("bare", "has no columns"),
        ("SELECT 1", "has no name"),
        ("SELECT id, id FROM tx", "two columns called 'id'"),
        ("SELECT id FROM tx WHERE id < 0", "no rows"),
        ("SELECT FROM tx", "gives no columns"),
        ("SELECT id FROM txt", 'relation "txt" does not exist'),
        ("txx", "Did you mean 'tx'?"),
    ],
)
def test_what_cannot_be_read_says_why(server, tmp_path, wanted, what):
    with pytest.raises(VertikitError) as error:
        _load(server, tmp_path, wanted)
    assert what in str(error.value)


def test_an_error_that_quotes_a_value_tells_its_kind_alone(server, tmp_path):
    with pytest.raises(VertikitError, match="InvalidTextRepresentation") as error:
        _load(server, tmp_path, "SELECT note::int AS a FROM tx")
    assert "Überweisung" not in str(error.value)


@pytest.mark.parametrize(
    "wanted",
    [
        "WITH q AS (DELETE FROM tx RETURNING id) SELECT id FROM q",
        "SELECT id INTO other FROM tx",
        "SELECT id FROM tx FOR UPDATE",
        "SELECT nextval('counter') AS a",
        "SELECT 1 AS a; COMMIT; DROP TABLE tx",
        "SELECT set_config('transaction_read_only', 'off', false) AS a, nextval('counter') AS b",
        "DELETE FROM tx",
    ],
)
def test_nothing_is_written_by_any_means(server, tmp_path, wanted):
    with pytest.raises(VertikitError):
        _load(server, tmp_path, wanted)
    with _connect(server, "bank") as connection:
        assert connection.execute("SELECT count(*), to_regclass('other') FROM tx").fetchone() == (
            25_000,
            None,
        )
        assert connection.execute("SELECT is_called FROM counter").fetchone() == (False,)


def test_a_server_that_does_not_answer_is_said_in_one_line(tmp_path):
    with pytest.raises(VertikitError, match="cannot be reached") as error:
        SqlLoader().load(f"postgresql+psycopg://u:geheim@/bank?host={tmp_path}#t", tmp_path)
    assert "\n" not in str(error.value) and "geheim" not in str(error.value)
    assert "Check that it runs" in error.value.do
