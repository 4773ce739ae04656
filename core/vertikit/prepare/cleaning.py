"""From strings to parsed values: rows that a task can use, and the reasons for the others."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vertikit.columns import Column, is_missing
from vertikit.contracts import BadRow
from vertikit.prepare.row_file import ROW

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Account:
    """What cleaning leaves beside the clean rows; it grows with every batch.

    Args:
        bad: rows that cannot be used, with their numbers in the file.
        left_out: (column, reason) -> rows whose optional value could not be read and counts as missing.
        spellings: (column, way of writing) -> cells, for columns that must not mix them.
    """

    bad: list[BadRow] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)


def clean_batches(
    batches: Iterator[pa.RecordBatch],
    columns: Mapping[str, str],
    wanted: Sequence[Column],
    account: Account,
    *,
    targets: bool,
) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns with `_row`, of the usable rows alone.

    A row lacking a required input (or, with `targets`, a required target), or with one that cannot be
    parsed, goes to `account.bad`. Any other value that cannot be parsed is missing, and counted.
    """
    import pyarrow as pa

    schema = clean_schema(wanted)
    for batch in batches:
        rows = batch.column(ROW).to_pylist()
        faults: dict[int, list[str]] = {}
        parsed: list[Any] = []
        for column in wanted:
            file_column = columns.get(column.name)
            needed = column.required and (targets or column.role != "target")
            if file_column is not None:
                quick = column.parse_all(batch.column(file_column))
                if quick is not None and not (needed and quick.null_count):
                    parsed.append(quick)
                    continue
            raw = [None] * len(rows) if file_column is None else batch.column(file_column).to_pylist()
            parsed.append(_parse_column(column, raw, needed, faults, account))
        account.bad += [
            BadRow(rows[at], "; ".join(faults[at]), _raw_line(batch, at)) for at in sorted(faults)
        ]
        arrays = [
            each if isinstance(each, pa.Array) else pa.array(each, kind)
            for each, kind in zip(parsed, schema.types[:-1], strict=True)
        ]
        clean = pa.record_batch([*arrays, batch.column(ROW)], schema=schema)
        if faults:
            clean = clean.filter(pa.array([at not in faults for at in range(len(rows))]))
        yield clean


def clean_schema(columns: Sequence[Column]) -> pa.Schema:
    """The columns with their Arrow types, then `_row`."""
    import pyarrow as pa

    fields = [(column.name, pa.type_for_alias(column.arrow)) for column in columns]
    return pa.schema([*fields, (ROW, pa.int64())])


def _parse_column(
    column: Column,
    raw: Sequence[str | None],
    needed: bool,
    faults: dict[int, list[str]],
    account: Account,
) -> list[Any]:
    values: list[Any] = []
    parse, spelling = column.parse, column.spelling
    for at, text in enumerate(raw):
        value = None
        if text is None or is_missing(text):
            if needed:
                faults.setdefault(at, []).append(f"{column.name} is missing")
        else:
            try:
                value = parse(text)
            except ValueError as error:
                reason = _reason(column, text, error)
                if needed:
                    faults.setdefault(at, []).append(reason)
                else:
                    account.left_out[column.name, reason] += 1
            else:
                if way := spelling(text):
                    account.spellings[column.name, way] += 1
                if value == "" and needed:
                    faults.setdefault(at, []).append(f"{column.name} is missing")
        values.append(value)
    return values


def _reason(column: Column, text: str, error: ValueError) -> str:
    """What `parse` said, without the value itself: python's own messages quote it, and it may be private."""
    said = str(error)
    value = text.strip()
    if not said or value in said or repr(value)[1:-1] in said:
        said = "cannot be read"
    return f"{column.name} {said}"


def _raw_line(batch: pa.RecordBatch, at: int) -> str:
    line = io.StringIO()
    values = [batch.column(name)[at].as_py() or "" for name in batch.schema.names if name != ROW]
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
