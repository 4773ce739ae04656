"""What a file's own columns are: a type for each that no role of the task takes, read off its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.columns import MISSING, Column
from vertikit.errors import UsageError, did_you_mean
from vertikit.prepare.row_file import read_batches
from vertikit.table_columns import Category, Number, Timestamp

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.contracts import Loaded

TYPES: Mapping[str, type[Column]] = {"number": Number, "category": Category, "timestamp": Timestamp}
UNUSED = "none"
MOSTLY = 0.9
"""Share of a column's cells that have to be of a type for it to be of that type."""
ENOUGH = 100
"""Fewer rows than this say little of whether a column names rows."""
MOST_CATEGORIES = 1000
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_TIME = r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?\s*$"


@dataclass(frozen=True)
class Further:
    """Columns found in files beyond a task's own: those that are inputs, and sentences on the others."""

    columns: tuple[Column, ...]
    notes: tuple[str, ...]


def check_types(types: Mapping[str, str], columns: Iterable[str]) -> None:
    """UsageError where `--type` names a type that there is not, or a column that no file has."""
    known = list(dict.fromkeys(columns))
    for name, kind in types.items():
        if kind not in (*TYPES, UNUSED):
            raise UsageError(
                f"--type {name}={kind}: there is no type {kind!r}.",
                did_you_mean(kind, [*TYPES, UNUSED]) or f"Types are {', '.join(TYPES)} and {UNUSED}.",
            )
        if name not in known:
            raise UsageError(f"--type {name}={kind}: the data has no such column.", did_you_mean(name, known))


def further_columns(
    names: Sequence[str], loaded: Sequence[Loaded], types: Mapping[str, str], taken: Iterable[str]
) -> Further:
    """A column for each of `names` that can be an input; `types` says of some what they are, `taken` are roles."""
    columns: list[Column] = []
    notes: list[str] = []
    for name in names:
        if name in set(taken):
            notes.append(f"column {name!r} bears the name of a role that another column has: it is not used")
            continue
        kind = types.get(name)
        if kind is None:
            kind, why = _kind(name, _values(name, loaded))
            if why:
                notes.append(why)
        if kind != UNUSED:
            columns.append(TYPES[kind](name, required=False))
    return Further(tuple(columns), tuple(notes))


def _values(name: str, loaded: Sequence[Loaded]) -> pa.ChunkedArray:
    """All cells that hold something, of all files that have the column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = [
        batch.column(name) for each in loaded if name in each.columns for batch in read_batches(each.path)
    ]
    cells = pa.chunked_array(chunks, pa.string()).drop_null()
    folded = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    return cells.filter(pc.invert(pc.is_in(folded, pa.array(sorted(MISSING)))))


def _kind(name: str, cells: pa.ChunkedArray) -> tuple[str, str]:
    """(type, a sentence where the user should know of it)."""
    import pyarrow.compute as pc

    count = len(cells)
    if not count:
        return UNUSED, f"column {name!r} is empty: it is not used"
    distinct = pc.count_distinct(cells).as_py()
    if distinct == 1:
        return UNUSED, f"column {name!r} holds one value in all rows: it is not used"
    names_rows = distinct == count and count >= ENOUGH
    as_asked = f"it is not used (with --type {name!r}=TYPE it is)".replace("'", "")
    if pc.sum(pc.match_substring_regex(cells, _NUMBER)).as_py() >= MOSTLY * count:
        whole = pc.all(pc.match_substring_regex(cells, r"^\s*\d+\s*$")).as_py()
        if names_rows and whole:
            return UNUSED, f"column {name!r} has another whole number in every row, as an id has: {as_asked}"
        return "number", ""
    if pc.sum(pc.match_substring_regex(cells, _TIME)).as_py() >= MOSTLY * count:
        return "timestamp", ""
    if names_rows:
        return UNUSED, f"column {name!r} has another value in every row, as an id has: {as_asked}"
    if distinct > min(MOST_CATEGORIES, max(20, count // 2)):
        return UNUSED, f"column {name!r} has {distinct:,} different values in {count:,} rows: {as_asked}"
    return "category", ""
