"""The careful CSV reader: every record is given or listed as bad, whatever the file is like."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from vertikit import VertikitError
from vertikit.contracts import BadRow

LONGEST = 2_000_000
"""Characters after which an open quote is taken for a mistake, not for a long field."""

_NOT_UTF8 = re.compile("[\udc80-\udcff]")


class Records:
    """Iterates over (row number, fields) of the usable records; `bad` fills with the others.

    A record may span lines inside quotes. Where quotes do not match, the first line alone is a bad row,
    and reading goes on with the next line, so a stray quote costs one row. Empty lines are no rows,
    unless there is only one column. VertikitError where the header cannot be used.
    """

    def __init__(self, stream: BinaryIO, source: str, separator: str) -> None:
        self._source = source
        self._separator = separator
        self._lines = TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._ahead: deque[str] = deque()
        self._row = 0
        self._beyond_ascii = 0
        self._not_utf8: list[int] = []
        self.bad: list[BadRow] = []
        # The module's limit is 131,072 characters a field: longer notes are legitimate.
        csv.field_size_limit(LONGEST * 4)
        self.columns = self._header()

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        width = len(self.columns)
        while (line := self._next_line()) is not None:
            if width > 1 and not line.strip("\r\n"):
                continue
            self._row += 1
            fields, raw, fault = self._record(line)
            if not raw.isascii():
                self._beyond_ascii += 1
                if _NOT_UTF8.search(raw):
                    self._not_utf8.append(self._row)
                    fault = "is not UTF-8"
            if not fault and len(fields) != width:
                fault = f"has not as many fields as the header ({len(fields)} instead of {width})"
            if fault:
                self.bad.append(BadRow(self._row, fault, _readable(raw)))
            else:
                yield self._row, fields

    def check(self) -> None:
        """After the last record: VertikitError for a header without rows, or a file in another encoding.

        Some rows in another encoding are bad rows. Where most rows that are not plain ASCII are not
        UTF-8, the file as a whole is in another encoding, and dropping those rows would bias it.
        """
        if not self._row:
            raise VertikitError(
                f"{self._source} has a header and no rows.", "Export it again, with its rows."
            )
        if len(self._not_utf8) * 2 > self._beyond_ascii:
            raise _other_encoding(self._source, f"first at row {self._not_utf8[0]}")

    def _header(self) -> tuple[str, ...]:
        line = self._next_line()
        while line is not None and not line.strip():
            line = self._next_line()
        fields, raw, fault = self._record(line) if line is not None else ([], "", "has no header")
        if fault:
            raise VertikitError(
                f"{self._source}: the header {fault}.", "Mend its first line, the names of the columns."
            )
        if _NOT_UTF8.search(raw):
            raise _other_encoding(self._source, "already in its header")
        names = [field.strip() or f"(column {at})" for at, field in enumerate(fields, start=1)]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise VertikitError(f"{self._source} has the column {twice[0]!r} twice.", "Rename or remove one.")
        return tuple(names)

    def _next_line(self) -> str | None:
        if self._ahead:
            return self._ahead.popleft()
        return self._lines.readline() or None

    def _record(self, line: str) -> tuple[list[str], str, str]:
        """Fields, text and fault ("" for none) of the record that begins with a line."""
        try:
            return self._parse([line], strict=True), line, ""
        except csv.Error as error:
            if not _unfinished(error):
                # Text after a closing quote, on one line: nothing can have been swallowed.
                return self._parse([line], strict=False), line, ""
        taken, length = [line], len(line)
        while length <= LONGEST and (following := self._next_line()) is not None:
            taken.append(following)
            length += len(following)
            if '"' not in following:
                continue
            try:
                return self._parse(taken, strict=True), "".join(taken), ""
            except csv.Error as error:
                if not _unfinished(error):
                    break
        self._ahead.extendleft(reversed(taken[1:]))
        return [], line, "has a quote that is not closed, or is closed in the middle of a field"

    def _parse(self, lines: list[str], *, strict: bool) -> list[str]:
        return next(csv.reader(lines, delimiter=self._separator, strict=strict)) or [""]


def _unfinished(error: csv.Error) -> bool:
    return "unexpected end of data" in str(error)


def _readable(raw: str) -> str:
    """The text of a record with what is not UTF-8 marked."""
    return raw.rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _other_encoding(source: str, where: str) -> VertikitError:
    name = Path(source).name
    return VertikitError(
        f"{source} is not UTF-8 ({where}).",
        f"Save it as UTF-8; if it is Latin-1: iconv -f latin1 -t utf-8 {name} > utf8-{name}",
    )
