"""What is done of a batch: a line of JSON a part, written after the part is on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vertikit.deploy.batches.durable import write_whole
from vertikit.errors import UsageError, VertikitError

LEDGER = "ledger.jsonl"
FORMAT = 1

_OTHER = {
    "run": ("another run", "Name that run"),
    "task": ("another task", "Name its run"),
    "sources": ("other data, or the data have changed since", "Name the same files, unchanged"),
    "columns": ("another column map", "Give the same --map, --drop and --root"),
    "part_rows": ("parts of another size", "Give the same --part-rows"),
    "state": ("another state, or the state has changed since", "Give the same --state"),
}
"""Key of the head -> what another value of it means, and what to do."""


@dataclass(frozen=True)
class Done:
    """A part that is on the disk.

    Args:
        part: its number. rows: in it. bad: of these, rows that cannot be used.
        left_out: (column, reason, rows) of values that count as missing.
        spellings: (column, way of writing, cells).
        notes: what else was told.
        latest: microseconds of its latest row, where order matters.
    """

    part: int
    rows: int
    bad: int
    left_out: list[tuple[str, str, int]] = field(default_factory=list)
    spellings: list[tuple[str, str, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    latest: float | None = None


class Ledger:
    """The ledger of an output folder, open for more lines.

    Args:
        done: number of a part -> its line.
    """

    def __init__(self, file: BinaryIO, done: dict[int, Done]) -> None:
        self._file, self.done = file, done

    def add(self, done: Done) -> None:
        """A part is on the disk; on return, so is this line."""
        self._write(asdict(done))
        self.done[done.part] = done

    def settle(self, account: Mapping[str, Any]) -> None:
        """Everything is done."""
        self._write({"finished": True, **account})

    def close(self) -> None:
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())


def open_ledger(folder: Path, head: Mapping[str, Any]) -> Ledger:
    """Begin the ledger of a folder, or go on with it; UsageError where it is of another work, or finished."""
    path = folder / LEDGER
    head = {"format": FORMAT, **head}
    if not path.exists():
        write_whole(path, lambda file: file.write((json.dumps(head, ensure_ascii=False) + "\n").encode()))
        return Ledger(path.open("ab"), {})
    lines, whole = _lines(path)
    _check(folder, lines[0], head)
    with path.open("r+b") as file:  # a line that was cut off by a kill is of a part that is made again
        file.truncate(whole)
    try:
        done = {each.part: each for each in (_read(line) for line in lines[1:])}
    except (TypeError, ValueError, KeyError) as error:
        raise _damaged(path) from error
    return Ledger(path.open("ab"), done)


def is_finished(folder: Path) -> bool:
    """Whether its ledger says that all is done."""
    return bool(_lines(folder / LEDGER)[0][-1].get("finished"))


def _read(line: Mapping[str, Any]) -> Done:
    return Done(
        **{
            **line,
            "left_out": [tuple(each) for each in line["left_out"]],
            "spellings": [tuple(each) for each in line["spellings"]],
        }
    )


def _lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The whole lines, the head first, and how many bytes they take."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    try:
        lines = [json.loads(line) for line in content[:whole].splitlines()]
    except ValueError as error:
        raise _damaged(path) from error
    if not lines or not all(isinstance(line, dict) for line in lines) or lines[0].get("format") != FORMAT:
        raise _damaged(path)
    return lines, whole


def _check(folder: Path, found: Mapping[str, Any], head: Mapping[str, Any]) -> None:
    for key, (what, do) in _OTHER.items():
        if found.get(key) != head.get(key):
            raise UsageError(f"{folder}: was begun with {what}.", f"{do}, or choose another --output.")


def _damaged(path: Path) -> VertikitError:
    return VertikitError(f"{path}: is damaged.", "Choose another --output, and begin anew.")
