"""Reads and cleans sources: every row is counted, and either usable or listed with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.contracts import BadRow
from vertikit.errors import UsageError
from vertikit.examples import Examples
from vertikit.prepare.cleaning import Account, check_spellings, clean_batches, clean_schema
from vertikit.prepare.further import check_types, further_columns
from vertikit.prepare.mapping import Matched, check_drop, check_mapping, match_columns
from vertikit.prepare.melting import EVERY, is_wide, melted
from vertikit.prepare.places import several
from vertikit.prepare.roots import Place
from vertikit.prepare.row_file import ROW, read_batches, row_table, write_rows
from vertikit.prepare.sources import folder_of, load_source, source_names
from vertikit.registry import Registry
from vertikit.table_columns import MICROSECOND
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Loaded
    from vertikit.examples import Indices
    from vertikit.prepare.prepared import Data, Source

TABLE = "clean.arrow"


@dataclass(frozen=True)
class Rows:
    """All rows of the sources, in order: usable ones as examples, the others with their reasons.

    Args:
        examples: the usable rows; the table has a column for each task column that a file has, and
            for every target (None where there is none).
        read: how many rows there are.
        position: [N] int64, the position of each example among all rows (from 0).
        bad: the rows that cannot be used.
        bad_position: their positions, [M] int64.
        columns: the task's column name -> the column of the first file.
        unused: columns of the files that nothing reads.
        notes: what the user should know, a sentence each.
        task: with the further columns that the files turned out to have.
        places: name of a source -> where the files lie that its rows name.
    """

    examples: Examples
    read: int
    position: Indices
    bad: tuple[BadRow, ...]
    bad_position: Indices
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    notes: tuple[str, ...]
    task: Task
    places: Mapping[str, Place]


def as_sources(rows: Data) -> list[Source]:
    """What a Python caller gave as sources: a path, a DataFrame, a list of dicts or of texts is one source.

    A list of strings is rows of text; several files are given as a tuple of paths.
    """
    if isinstance(rows, (str, Path)):
        return [str(rows)]
    if isinstance(rows, tuple):
        return [str(each) if isinstance(each, Path) else each for each in rows]
    return [rows]


def read_rows(
    task: Task,
    sources: Sequence[Source],
    mapping: Mapping[str, str],
    drop: Sequence[str],
    registry: Registry,
    folder: Path,
    *,
    targets: bool,
    unlabelled: bool = False,
) -> Rows:
    """Read rows to be predicted or evaluated, all of them in input order.

    Args:
        sources: each a path or `hf://` URL, or rows in memory: a DataFrame, a list of dicts, or a list
            of values of the task's one required input. (`as_sources` makes these from one argument.)
        mapping: the run's column map; a column bearing the task's own name does as well.
        drop: columns of the files to leave out, where they have them.
        folder: exists, private, empty; Arrow files are kept there as long as the examples are used.
        targets: whether a row needs its target. Without it a target that is absent or cannot be read is None.
        unlabelled: whether it may be missing all the same.

    Raises:
        VertikitError: a source cannot be read or lacks a required column.
    """
    check_mapping(task, mapping)
    if not sources:
        raise UsageError(
            "no rows were given.", "Give a path, a DataFrame, a list of dicts, or a list of texts."
        )
    return read_parts(
        task,
        [("", sources)],
        mapping,
        drop,
        registry,
        folder,
        targets=targets,
        remembered=True,
        unlabelled=unlabelled,
    )


def read_parts(
    task: Task,
    parts: Sequence[tuple[str, Sequence[Source]]],
    mapping: Mapping[str, str],
    drop: Sequence[str],
    registry: Registry,
    folder: Path,
    *,
    targets: bool,
    remembered: bool = False,
    types: Mapping[str, str] | None = None,
    unlabelled: bool = False,
    report: Callable[[str], None] | None = None,
) -> Rows:
    """`read_rows` for the sources of several parts ("" for `--data`, "valid", a test's name), in that order.

    `types` says of further columns what they are (`--type`). With `unlabelled`, rows whose target is missing are
    among the examples; its value is None there.
    """
    named = [(part, source) for part, sources in parts for source in sources]
    names = source_names([source for _, source in named])
    loaded = [
        load_source(source, task, registry, folder / f"source-{at}") for at, (_, source) in enumerate(named)
    ]
    if not remembered:
        check_drop(drop, (column for each in loaded for column in each.columns))
    wide = any(is_wide(task, mapping, each.columns, remembered=remembered) for each in loaded)
    if EVERY in mapping.values():
        loaded = [
            melted(each, name, task, mapping, drop, folder / f"long-{at}.arrow")
            if is_wide(task, mapping, each.columns, remembered=remembered)
            else each
            for at, (each, name) in enumerate(zip(loaded, names, strict=True))
        ]
        mapping = {role: name for role, name in mapping.items() if name != EVERY}

    def match(task: Task) -> list[Matched]:
        return [
            match_columns(task, name, each.columns, mapping, drop, targets=targets, remembered=remembered)
            for name, each in zip(names, loaded, strict=True)
        ]

    matched = match(task)
    notes: tuple[str, ...] = ()
    if not remembered:
        check_types(types or {}, (column for each in loaded for column in each.columns))
    if task.further and not remembered:
        unused = list(dict.fromkeys(name for each in matched for name in each.unused))
        further = further_columns(unused, loaded, types or {}, (column.name for column in task.columns))
        task, notes = task.with_columns(further.columns), further.notes
        matched = match(task)
        if not any(column.modality for column in task.inputs if column.name in matched[0].columns):
            raise UsageError(
                f"{names[0]} has no column that could be an input.",
                "Name more columns, or give their --type.",
            )
    found = {name for match in matched for name in match.columns} | {column.name for column in task.targets}
    columns = [column for column in task.columns if column.name in found]
    pieces: list[_Piece] = []

    def clean() -> Iterator[pa.RecordBatch]:
        for (part, _), name, each, match in zip(named, names, loaded, matched, strict=True):
            assumed = targets and not remembered and part in ("", "valid")
            piece = _Piece(part, name, columns, match, Account(list(each.bad)), [], assumed)
            yield from piece.clean(each, targets=targets, unlabelled=unlabelled)
            pieces.append(piece)
            if report is not None:
                report(piece.describe())
            each.path.unlink()  # the strings as read are of no further use, and may be private

    path = folder / TABLE
    write_rows(path, clean_schema(columns), clean())
    places = {
        name: Place(each.root, own=True) if each.root else Place(folder_of(source))
        for (_, source), name, each in zip(named, names, loaded, strict=True)
    }
    rows = _joined(task, path, pieces, notes, places)
    return replace(rows, columns={**rows.columns, task.target.name: EVERY}) if wide else rows


@dataclass
class _Piece:
    """One source while it is cleaned."""

    part: str
    source: str
    columns: Sequence[Column]
    matched: Matched
    account: Account
    numbers: list[NDArray[np.int64]]
    assumed: bool
    """Whether a target without a column may have the value that it has then."""

    def clean(self, loaded: Loaded, *, targets: bool, unlabelled: bool) -> Iterator[pa.RecordBatch]:
        for batch in clean_batches(
            read_batches(loaded.path),
            self.matched.columns,
            self.columns,
            self.account,
            targets=targets,
            unlabelled=unlabelled,
            absent=self.assumed,
        ):
            self.numbers.append(batch.column(ROW).to_numpy())
            yield batch
        check_spellings(self.source, self.columns, self.account.spellings)
        self.account.bad = [
            replace(bad, source=self.source) for bad in sorted(self.account.bad, key=lambda bad: bad.row)
        ]

    @property
    def rows(self) -> Indices:
        import numpy as np

        return np.concatenate([np.empty(0, np.int64), *self.numbers])

    @property
    def bad_rows(self) -> Indices:
        import numpy as np

        return np.array([bad.row for bad in self.account.bad], np.int64)

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.account.bad)

    def describe(self) -> str:
        unusable = f", {len(self.account.bad):,} of them cannot be used" if self.account.bad else ""
        return f"{self.source}: {several(self.read)}{unusable}"

    def notes(self) -> Iterator[str]:
        for (_, reason), count in self.account.left_out.most_common():
            yield f"{self.source}: {reason} in {several(count)}, and counts as missing there"
        for column in self.columns:
            if self.assumed and column.absent and column.name not in self.matched.columns:
                yield f"{self.source}: has no column {column.name!r}: all its rows count as {column.absent}"
        yield from self.matched.hints


def _joined(
    task: Task, path: Path, pieces: Sequence[_Piece], notes: Sequence[str], places: Mapping[str, Place]
) -> Rows:
    """The pieces as one table; positions follow the row numbers of each source."""
    import numpy as np

    table = row_table(path)
    starts = accumulate((piece.read for piece in pieces), initial=0)
    positions, bad_positions = [], []
    for piece, start in zip(pieces, starts, strict=False):
        order = np.argsort(np.concatenate([piece.rows, piece.bad_rows]), kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(start, start + len(order))
        positions.append(rank[: len(piece.rows)])
        bad_positions.append(rank[len(piece.rows) :])
    counts = [len(piece.rows) for piece in pieces]
    examples = Examples(
        table=table,
        rows=np.concatenate([piece.rows for piece in pieces]),
        source=np.repeat(np.array([piece.source for piece in pieces], object), counts),
        part=np.repeat(np.array([piece.part for piece in pieces], object), counts),
    )
    examples = replace(examples, group=groups_of(task, examples), span=spans_of(task, examples))
    return Rows(
        examples=examples,
        read=sum(piece.read for piece in pieces),
        position=np.concatenate(positions),
        bad=tuple(bad for piece in pieces for bad in piece.account.bad),
        bad_position=np.concatenate(bad_positions),
        columns=dict(pieces[0].matched.columns),
        unused=tuple(dict.fromkeys(name for piece in pieces for name in piece.matched.unused)),
        notes=tuple(dict.fromkeys([*notes, *(note for piece in pieces for note in piece.notes())])),
        task=task,
        places=places,
    )


def groups_of(task: Task, examples: Examples) -> NDArray[np.object_] | None:
    """[N] what a split must not divide, or None where the data has no groups."""
    names = examples.table.column_names
    name = task.group.name if task.group is not None else ""
    if name not in names:
        name = task.group_from
    if name not in names:
        return None
    groups = examples.values(name)
    return groups if any(group is not None for group in groups) else None


def spans_of(task: Task, examples: Examples) -> NDArray[np.float64] | None:
    """[N, 2] seconds since 1970, or None where the data has no time; a row without one has NaN."""
    import numpy as np

    if task.time is None or task.time.name not in examples.table.column_names:
        return None
    seconds = examples.numbers(task.time.name) / MICROSECOND
    return None if np.isnan(seconds).all() else np.stack([seconds, seconds], axis=1)
