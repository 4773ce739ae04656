"""Rows of databases: a table, a view, or what one SELECT gives."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit import UsageError, VertikitError
from vertikit.contracts import Loaded
from vertikit.errors import did_you_mean
from vertikit.prepare.row_file import as_text, row_schema, string_batches, write_rows
from vertikit.prepare.sources import shown
from vertikit_plugins.loaders.sql_connection import is_database, reading

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

MOST_NAMES = 20
"""Tables that a message lists."""

_STATEMENT = re.compile(r"(?:select|with)[\s(*\"'`\[]", re.IGNORECASE)
_QUOTED = re.compile(r"(?:[^;'\"]|'[^']*'|\"[^\"]*\")*")
_DOUBTFUL = re.compile(r"[\\$`#\[]|--|/\*")


class SqlLoader:
    """`URL#TABLE`, `URL#SCHEMA.TABLE` or `URL#SELECT ...` for any URL of SQLAlchemy; rows are streamed.

        sqlite:///bank.db#transactions
        postgresql+psycopg://user@host/bank#SELECT * FROM tx WHERE day > '2025-01-01'

    Without a part after # the database must have one table. A table is read in the order of its primary
    key; a view or a statement in the order that it gives (say ORDER BY, or row numbers may differ the next
    time). Values are as the driver gives them: a SQLite column of times or booleans holds what was put in.

    Nothing is written: one statement is run, which begins with SELECT or WITH, in a transaction that only
    reads (SQLite, PostgreSQL, MySQL, MariaDB, Oracle) and is never committed (any database).

    A password need not stand in the URL. Drivers take it from where they always do: PGPASSWORD, ~/.pgpass or
    PGSERVICE with PostgreSQL, an option file with MySQL (`?read_default_file=~/.my.cnf`). One that stands
    there is shown as *** wherever the source is named.
    """

    def reads(self, source: str) -> bool:
        return is_database(source)

    def load(self, source: str, folder: Path) -> Loaded:
        address, _, wanted = source.partition("#")
        # Of the whole source, for a password with a # in it is cut in two here.
        place = shown(source).partition("#")[0]
        wanted = wanted.strip()
        path = folder / "rows.arrow"
        statement = _checked(wanted, place) if _STATEMENT.match(wanted) else ""
        with reading(address, place) as connection:
            if statement:
                columns, rows = _selected(connection, statement, place)
            else:
                columns, rows = _table(connection, wanted, place)
            count = write_rows(path, row_schema(columns), string_batches(columns, _numbered(rows)))
        if not count:
            what = "the statement gives" if statement else f"{wanted or 'its only table'} has"
            raise VertikitError(f"{place}: {what} no rows.", "Name another table, or select more.")
        return Loaded(path, tuple(columns))


def _numbered(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[str | None]]]:
    for number, row in enumerate(rows, start=1):
        yield number, [as_text(value) for value in row]


def _checked(statement: str, place: str) -> str:
    """The statement without the semicolon at its end; UsageError where there may be a second one.

    Some drivers run all statements of a text, and a second could end the transaction that only reads. A
    semicolon inside quotes is let through where no dialect can read these quotes otherwise.
    """
    body = statement.rstrip().removesuffix(";")
    if ";" in body and (_DOUBTFUL.search(body) or not _QUOTED.fullmatch(body)):
        raise UsageError(
            f"{place}: there may be more than one statement after #.",
            "Give one SELECT, without a semicolon, comments or backslashes.",
        )
    return body


def _selected(connection: Connection, statement: str, place: str) -> tuple[list[str], Iterable[Any]]:
    # As it was typed: no sign of it, neither : nor %, stands for a parameter.
    result = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    names = list(result.keys()) if result.returns_rows else []
    columns = [str(name or "") for name in names]
    if not columns:
        raise UsageError(f"{place}: the statement gives no columns.", "Give a SELECT that names some.")
    if not all(columns) or "?column?" in columns:
        at = next(at for at, name in enumerate(columns, start=1) if name in ("", "?column?"))
        raise UsageError(f"{place}: column {at} of the statement has no name.", "Name it: ... AS name")
    twice = next((name for at, name in enumerate(columns) if name in columns[:at]), None)
    if twice is not None:
        raise UsageError(
            f"{place}: the statement gives two columns called {twice!r}.", f"Rename one: ... AS {twice}_2"
        )
    return columns, result


def _table(connection: Connection, wanted: str, place: str) -> tuple[list[str], Iterable[Any]]:
    import sqlalchemy

    inspector = sqlalchemy.inspect(connection)
    schema, name = _found(inspector, wanted, place) if wanted else (None, _only(inspector, place))
    columns = [str(column["name"]) for column in inspector.get_columns(name, schema)]
    if not columns:
        raise VertikitError(f"{place}: the table {name!r} has no columns.", "Name another table.")
    key = inspector.get_pk_constraint(name, schema).get("constrained_columns") or []
    # Columns without a type: the values come as they are, and one that belies its type is no error.
    table = sqlalchemy.table(name, *(sqlalchemy.column(column) for column in columns), schema=schema)
    query = sqlalchemy.select(table).order_by(*(table.c[column] for column in key))
    return columns, connection.execute(query)


def _found(inspector: Inspector, wanted: str, place: str) -> tuple[str | None, str]:
    """(schema, name); a dot may stand in the name of a table as well. UsageError where there is none."""
    if inspector.has_table(wanted):
        return None, wanted
    schema, _, name = wanted.rpartition(".")
    if schema and name and inspector.has_table(name, schema=schema):
        return schema, name
    tables = [*inspector.get_table_names(), *inspector.get_view_names()]
    if re.search(r"[\s(]", wanted):
        raise UsageError(
            f"{place}: {wanted!r} is neither a table of it nor a statement that only reads.",
            f"Give a table or a statement that begins with SELECT or WITH. {_listed(tables)}",
        )
    hint = did_you_mean(wanted, tables) or _listed(tables)
    raise UsageError(
        f"{place} has no table {wanted!r}.", f"{hint} One of another schema is named SCHEMA.TABLE."
    )


def _only(inspector: Inspector, place: str) -> str:
    tables = inspector.get_table_names() or inspector.get_view_names()
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise UsageError(f"{place} has no tables.", "One of another schema is named after #: SCHEMA.TABLE")
    raise UsageError(
        f"{place} has {len(tables)} tables.",
        f"{_listed(tables)} Name one, such as --data {shlex.quote(f'{place}#{sorted(tables)[0]}')}",
    )


def _listed(tables: Sequence[str]) -> str:
    names = ", ".join(sorted(tables)[:MOST_NAMES])
    return f"Its tables: {names}{', …' if len(tables) > MOST_NAMES else ''}." if tables else ""
