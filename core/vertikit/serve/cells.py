"""Rows as they were given against the columns of a run: what is missing, what cannot be used, what nothing reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vertikit.columns import Column, is_missing
from vertikit.picture_columns import Image, Mask
from vertikit.prepare.row_file import as_text
from vertikit.series_columns import Recording
from vertikit.serve.bodies import Body
from vertikit.serve.problems import Fault, Problem
from vertikit.serve.settings import Settings
from vertikit.serve.uploads import Upload, from_data_url

if TYPE_CHECKING:
    from vertikit.run.run import Run

Cell = str | int | float | bool | None
SHOWN = 20
"""Faults that are listed, at most."""


@dataclass(frozen=True)
class Given:
    """Rows that are worth asking the run about.

    Args:
        rows: of known columns alone, every one with the same names. uploads: (row, name) -> a file.
        notes: values that count as missing. ignored: names that nothing reads.
    """

    rows: Sequence[Mapping[str, Cell]]
    uploads: Mapping[tuple[int, str], Upload] = field(default_factory=dict)
    notes: Sequence[Fault] = ()
    ignored: Sequence[str] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns that any row has."""
        return tuple(sorted({name for row in self.rows for name in row}))


class Columns:
    """The columns that a run knows, by the task's names and by those of its training file.

    `read` are those that it reads, `files` the names of those that are files.
    """

    def __init__(self, run: Run, *, depends: bool) -> None:
        """`depends` says whether rows are read beside others: what they have in common is an input then."""
        task = run.task
        roles = {"input", "group"} if depends else {"input"}
        self.read = [
            each
            for each in task.columns
            if each.role in roles and (each.name in run.columns or (each.required and each.role == "input"))
        ]
        self.files = {each.name for each in task.inputs if isinstance(each, Image | Recording)}
        self.pictures = {each.name for each in task.inputs if isinstance(each, Image)}
        self._owners: dict[str, Column] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}
        for column in task.columns:
            if isinstance(column, Mask):
                continue
            own = run.columns.get(column.name, column.name)
            self._pieces[column.name] = tuple(own.split("+")) if column.several else (own,)
            for name in (column.name, *self._pieces[column.name]):
                self._owners.setdefault(name, column)
        self._folded: dict[str, str] = {}
        for name in self._owners:
            self._folded.setdefault(name.strip().casefold(), name)
        self.required = [column for column in task.inputs if column.required]

    def known(self, name: str) -> Column | None:
        """The column of the task that a name in a row belongs to."""
        found = self._owners.get(name)
        if found is None and (folded := self._folded.get(name.strip().casefold())) is not None:
            found = self._owners[folded]
        return found

    def given(self, body: Body, settings: Settings) -> Given:
        """The rows of a request, those columns empty that they leave out; Problem where a cell is no plain value, is
        too long, or its one row cannot be used."""
        faults: list[Fault] = []
        notes: list[Fault] = []
        ignored: dict[str, None] = {}
        rows: list[dict[str, Cell]] = []
        uploads: dict[tuple[int, str], Upload] = {}
        for at, row in enumerate(body.rows):
            place, wrong = body.place(at), set()
            kept: dict[str, Cell] = {}
            for name, value in row.items():
                column = self.known(name)
                if column is None:
                    ignored.setdefault(name[:100])
                    continue
                field_name = f"{place}.{name[:100]}"
                try:
                    kept[name] = self._cell(column, name, value, body.uploads, uploads, at, settings)
                except ValueError as error:
                    faults.append(Fault(field_name, str(error)))
                    wrong.add(column.name)
                    kept[name] = None
                    continue
                if why := _unreadable(column, kept[name], column.name in self.files):
                    if column.required and column.role == "input":
                        wrong.add(column.name)
                        if body.single:
                            faults.append(Fault(field_name, why, column.help))
                    elif column.role != "target":
                        notes.append(Fault(field_name, f"{why}, and counts as missing"))
            if body.single:
                faults += [
                    Fault(f"{place}.{column.name}", "is missing", column.help)
                    for column in self.required
                    if column.name not in wrong and not self._has(column, kept)
                ]
            rows.append(kept)
        absent = dict.fromkeys(column.name for column in self.read)
        for name in {name for row in rows for name in row}:
            if (column := self.known(name)) is not None:
                absent.pop(column.name, None)
        if faults:
            more = f" ({len(faults):,} in all)" if len(faults) > SHOWN else ""
            raise Problem(422, f"{faults[0].field} {faults[0].what}.{more}", faults[:SHOWN])
        return Given([{**row, **absent} for row in rows], uploads, notes[:SHOWN], tuple(ignored)[:SHOWN])

    def _has(self, column: Column, row: Mapping[str, Cell]) -> bool:
        """Whether a row has something under a column's name, or under those it had in training."""
        if column.may_be_empty:
            return any(self.known(name) is column for name in row)
        return any(
            self.known(name) is column and not is_missing(as_text(value)) for name, value in row.items()
        )

    def _cell(
        self,
        column: Column,
        name: str,
        value: Any,
        sent: Mapping[str, Upload],
        uploads: dict[tuple[int, str], Upload],
        at: int,
        settings: Settings,
    ) -> Cell:
        if isinstance(value, dict | list):
            raise ValueError("is a list or an object, and a plain value is wanted")
        if name in sent:
            if column.name not in self.files:
                raise ValueError("is a file, and a plain value is wanted")
            uploads[at, name] = sent[name]
            return "file"
        if column.name in self.files:
            if value is None or value == "":
                return None
            if not isinstance(value, str):
                raise ValueError("is no data URL (data:image/png;base64,...)")
            uploads[at, name] = from_data_url(value)
            return "file"
        if isinstance(value, str) and len(value) > settings.characters:
            raise ValueError(f"has {len(value):,} characters, and {settings.characters:,} are allowed")
        assert value is None or isinstance(value, str | int | float | bool)
        return value


def _unreadable(column: Column, value: Cell, is_file: bool) -> str:
    """What is wrong with a value, without the value; "" where it can be read or there is none."""
    text = as_text(value)
    if text is None or is_file or is_missing(text):
        return ""
    try:
        column.parse(text)
    except ValueError as error:
        said = str(error)
        # Python's own words quote the value.
        return said if said and text.strip() not in said else "cannot be read"
    return ""
