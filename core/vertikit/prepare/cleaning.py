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
from vertikit.errors import VertikitError
from vertikit.prepare.mapping import pieces
from vertikit.prepare.places import several
from vertikit.prepare.row_file import ROW, as_strings, as_text

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
    unlabelled: bool = False,
    absent: bool = False,
) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns with `_row`, of the usable rows alone; of strings, or of columns of any type.

    A row lacking a required input (or, with `targets`, a required target), or with one that cannot be
    parsed, goes to `account.bad`. Any other value that cannot be parsed is missing, and counted. With `unlabelled`,
    a row whose target is missing is usable all the same; one whose target cannot be read is not. With `absent`, a
    target that no column of the file is has the value that it has then, if there is any.
    """
    import pyarrow as pa

    schema = clean_schema(wanted)
    for batch in batches:
        faults: dict[int, list[str]] = {}
        parsed: list[pa.Array] = []
        for column, kind in zip(wanted, schema.types[:-1], strict=True):
            file_column = columns.get(column.name)
            if absent and file_column is None and column.absent:
                parsed.append(pa.array([column.absent] * len(batch), kind))
                continue
            typed = _typed(batch, column, file_column)
            if typed is not None and not (_lacking(column, targets, unlabelled) and typed.null_count):
                _count_spelling(column, batch.column(file_column), typed, account)
                parsed.append(typed)
                continue
            cells = _cells(batch, column, file_column)
            needed = column.required and (targets or column.role != "target")
            lacking = _lacking(column, targets, unlabelled)
            quick = None if file_column is None else column.parse_all(cells)
            if quick is not None and not (lacking and quick.null_count):
                _count_spelling(column, cells, quick, account)
                parsed.append(quick)
            else:
                parsed.append(_parse_cells(column, kind, cells, needed, lacking, faults, account))
        if faults:
            rows = batch.column(ROW).to_pylist()
            account.bad += [
                BadRow(rows[at], "; ".join(faults[at]), _raw_line(batch, at)) for at in sorted(faults)
            ]
        clean = pa.record_batch([*parsed, batch.column(ROW)], schema=schema)
        if faults:
            clean = clean.filter(pa.array([at not in faults for at in range(len(batch))]))
        yield clean


def _lacking(column: Column, targets: bool, unlabelled: bool) -> bool:
    """Whether a cell that holds nothing leaves its row out."""
    needed = column.required and (targets or column.role != "target")
    return needed and not column.may_be_empty and not (unlabelled and column.role == "target")


def _typed(batch: pa.RecordBatch, column: Column, file_column: str | None) -> pa.Array | None:
    """The values [N] of a file's column that is no text, where the column takes them as they are."""
    import pyarrow.types as kinds

    if file_column is None or file_column not in batch.schema.names:
        return None
    values = batch.column(file_column)
    return None if kinds.is_string(values.type) else column.take_all(values)


def _cells(batch: pa.RecordBatch, column: Column, file_column: str | None) -> pa.Array:
    """The strings [N] of a file's column; of several columns, those that hold something, joined."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if file_column is None:
        return pa.nulls(len(batch), pa.string())
    places = pieces(file_column, batch.schema.names)
    if len(places) == 1:
        return as_strings(batch.column(places[0]))
    trimmed = [pc.utf8_trim_whitespace(as_strings(batch.column(place))) for place in places]
    held = [pc.if_else(pc.equal(each, ""), pa.scalar(None, pa.string()), each) for each in trimmed]
    if column.names_pieces:
        held = [
            pc.binary_join_element_wise(f"{place}=", each, "")
            for place, each in zip(places, held, strict=True)
        ]
    return pc.binary_join_element_wise(*held, column.several, null_handling="skip")


def check_spellings(source: str, columns: Sequence[Column], spellings: Mapping[tuple[str, str], int]) -> None:
    """VertikitError where a column of the source is written in several ways, as `Account` counts them."""
    for column in columns:
        ways = {way: count for (name, way), count in spellings.items() if name == column.name}
        if len(ways) > 1:
            counted = " and ".join(f"{several(count)} {way}" for way, count in ways.items())
            raise VertikitError(
                f"{source}: {column.name} has {counted}: their order cannot be told.",
                "Write all of them in one way.",
            )


def clean_schema(columns: Sequence[Column]) -> pa.Schema:
    """The columns with their Arrow types, then `_row`."""
    import pyarrow as pa

    fields = [(column.name, pa.type_for_alias(column.arrow)) for column in columns]
    return pa.schema([*fields, (ROW, pa.int64())])


def _count_spelling(column: Column, cells: pa.Array, parsed: pa.Array, account: Account) -> None:
    """Of cells that were parsed at once, which are all written in one way."""
    held = len(parsed) - parsed.null_count
    if not held:
        return
    first = as_text(cells[parsed.is_valid().index(True).as_py()].as_py())
    if way := column.spelling(first or ""):
        account.spellings[column.name, way] += held


def _parse_cells(
    column: Column,
    kind: pa.DataType,
    cells: pa.Array,
    needed: bool,
    lacking: bool,
    faults: dict[int, list[str]],
    account: Account,
) -> pa.Array:
    """The values [N]; each distinct cell is parsed once. Rows at fault are added to `faults`.

    `needed` says whether a cell that cannot be read is a fault, `lacking` whether one that holds nothing is.
    """
    import numpy as np
    import pyarrow as pa

    encoded = cells.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    words = encoded.dictionary.to_pylist()
    counts = np.bincount(codes + 1, minlength=len(words) + 1)[1:].tolist()
    values: list[Any] = []
    wrong: dict[int, str] = {-1: f"{column.name} is missing"} if lacking else {}
    for code, word in enumerate(words):
        value = None
        # Where a text may be empty, "null" is a text like any other: the answer to a question, say.
        if word.strip() == "" if column.may_be_empty else is_missing(word):
            if lacking:
                wrong[code] = f"{column.name} is missing"
        else:
            try:
                value = column.parse(word)
            except ValueError as error:
                reason = _reason(column, word, error)
                if needed:
                    wrong[code] = reason
                else:
                    account.left_out[column.name, reason] += counts[code]
            else:
                if way := column.spelling(word):
                    account.spellings[column.name, way] += counts[code]
                if value == "" and lacking:
                    wrong[code] = f"{column.name} is missing"
        values.append(value)
    if wrong:
        for at in np.flatnonzero(np.isin(codes, list(wrong))).tolist():
            faults.setdefault(at, []).append(wrong[int(codes[at])])
    return pa.array(values, kind).take(encoded.indices)


def _reason(column: Column, text: str, error: ValueError) -> str:
    """What `parse` said, without the value itself: python's own messages quote it, and it may be private."""
    said = str(error)
    value = text.strip()
    if not said or value in said or repr(value)[1:-1] in said:
        said = "cannot be read"
    return f"{column.name} {said}"


def _raw_line(batch: pa.RecordBatch, at: int) -> str:
    line = io.StringIO()
    values = [as_text(batch.column(name)[at].as_py()) or "" for name in batch.schema.names if name != ROW]
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
