"""A connection to a database that can only be read from; what goes wrong is said without a password."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit import UsageError, VertikitError
from vertikit.errors import nearest
from vertikit.prepare.row_file import BATCH

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

BUILT_IN = frozenset({"sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"})
"""Dialects that SQLAlchemy brings along."""

PACKAGES = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "databricks": "databricks-sqlalchemy",
    "duckdb": "duckdb-engine",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "trino": "trino[sqlalchemy]",
}
"""Dialects that other packages bring -> what to install."""

DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}
"""Modules whose package has another name, or needs an extra to run at once."""

READ_ONLY = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""What forbids writing where neither the URL nor an option of SQLAlchemy does."""

FORM = "The form is DIALECT+DRIVER://USER@HOST/DATABASE#TABLE"
_SCHEME = re.compile(r"([a-z][a-z0-9_]*)(?:\+[a-z0-9_]+)?://")


def is_database(source: str) -> bool:
    """Whether a source begins as a URL of a database does; nothing is imported for that."""
    match = _SCHEME.match(source)
    if match is None:
        return False
    known = BUILT_IN | PACKAGES.keys() | {"postgres"}
    return match[1] in known or any(
        point.name.partition(".")[0] == match[1] for point in entry_points(group="sqlalchemy.dialects")
    )


@contextmanager
def reading(address: str, place: str) -> Iterator[Connection]:
    """A connection that streams rows, 10,000 at a time, and writes nothing; it is never committed.

    SQLite is opened read-only; PostgreSQL, MySQL, MariaDB and Oracle are told that the transaction only reads.

    Args:
        address: the URL. place: the same as messages may show it, without its password.

    Raises:
        VertikitError: the URL, its driver or its file is wrong, nobody answers, or the database refuses.
    """
    from sqlalchemy.exc import DBAPIError, SAWarning

    url = _url(address, place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        engine = _engine(url, place)
        reached = False
        try:
            with engine.connect() as connection:
                options: dict[str, Any] = {"stream_results": True, "yield_per": BATCH}
                if engine.dialect.name == "postgresql":
                    options["postgresql_readonly"] = True
                connection = connection.execution_options(**options)
                if engine.dialect.name in READ_ONLY:
                    connection.exec_driver_sql(READ_ONLY[engine.dialect.name])
                reached = True
                yield connection
        except DBAPIError as error:
            raise _refused(error, url, place, reached) from error
        finally:
            engine.dispose()


def _url(address: str, place: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    if address.startswith("postgres://"):
        raise UsageError(f"{place} begins with postgres://.", "Write postgresql:// instead.")
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):
        # Neither the error nor what was parsed is told: parts of a password may stand in them.
        raise UsageError(
            f"{place} is no URL of a database.",
            f"{FORM}; in a user's name or password @ is written %40, / %2F, # %23 and : %3A.",
        )
    return _read_only_file(url, place) if url.get_backend_name() == "sqlite" else url


def _read_only_file(url: URL, place: str) -> URL:
    """The URL of a SQLite file that opens it read-only; SQLite would make a file that is missing."""
    name = url.database or ""
    if url.host or name in ("", ":memory:"):
        raise UsageError(
            f"{place} names no file.",
            "Write sqlite:///bank.db#TABLE, or with four slashes for a path from the root: sqlite:////data/bank.db",
        )
    if url.query.get("uri") == "true" or name.startswith("file:"):
        raise UsageError(f"{place} names a file as a URI.", "Give its plain path: sqlite:///bank.db#TABLE")
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{place}: {path} is a folder.", "Name the database file in it.")
    if not path.is_file():
        beside = [each.name for each in path.parent.glob("*") if each.is_file()]
        close = [str(path.with_name(each)) for each in nearest(path.name, beside)]
        hint = f"Did you mean {' or '.join(close)}?" if close else "Check the path."
        raise UsageError(f"{place}: there is no file {path}.", hint)
    query = {**url.query, "mode": "ro", "uri": "true"}
    return url.set(database=path.resolve().as_uri(), query=query)


def _engine(url: URL, place: str) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool

    try:
        if url.get_dialect().is_async:
            raise UsageError(
                f"{place}: {url.get_driver_name()} is an asynchronous driver.",
                f"Name another, or none: {url.get_backend_name()}://...",
            )
        # Parameters are hidden, since SQLAlchemy's errors (--traceback shows them) quote them.
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except NoSuchModuleError as error:
        dialect = url.get_backend_name()
        package = PACKAGES.get(dialect)
        do = f'Install it: pip install "{package}"' if package else f"{FORM}. Check DIALECT and DRIVER."
        raise UsageError(f"{place}: SQLAlchemy has no {url.drivername!r}.", do) from error
    except ImportError as error:
        module = error.name or url.get_driver_name()
        package = DRIVERS.get(module, module)
        raise UsageError(
            f"{place} needs the driver {module}, which is not installed or not whole.",
            f'Install it: pip install "{package}"',
        ) from error
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _lenient(connection: Any, _: object) -> None:
            # SQLite does not check what is put in as text, and the error on reading it quotes the value.
            connection.text_factory = partial(str, encoding="utf-8", errors="replace")

    return engine


def _refused(error: DBAPIError, url: URL, place: str, reached: bool) -> VertikitError:
    from sqlalchemy.exc import DatabaseError, DataError

    # An error of data quotes the value that it is about, which may be private: only its kind is told.
    text = "" if isinstance(error, DataError) else str(error.orig)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reason = (lines[0][:300] if lines else type(error.orig).__name__).rstrip(".")
    if url.password:
        reason = reason.replace(str(url.password), "***")
    if type(error) is DatabaseError and url.get_backend_name() == "sqlite":
        return VertikitError(
            f"{place}: {reason}.",
            "Check that it is a SQLite file, whole and not encrypted, or copy it again.",
        )
    if reached:
        return VertikitError(
            f"{place}: the database refuses: {reason}.",
            "Mend the name or the statement, and check what its user may read; nothing can be written here.",
        )
    do = (
        "Check who may read it; if its disk cannot be written to: sqlite:///bank.db?immutable=1"
        if url.get_backend_name() == "sqlite"
        else "Check that it runs, and the host, port, user, password and name in the URL."
    )
    return VertikitError(f"{place} cannot be reached: {reason}.", do)
