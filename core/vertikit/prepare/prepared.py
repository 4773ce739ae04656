"""What preparation takes and gives: the sources a user named, and the clean, split examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from vertikit.contracts import BadRow
from vertikit.task import Task

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Examples, Fold
    from vertikit.outcome import Outcome

    InMemory: TypeAlias = pd.DataFrame | Sequence[Mapping[str, Any]] | Sequence[str]
    Source: TypeAlias = str | InMemory
    Data: TypeAlias = Source | Path | tuple[Source | Path, ...]
    """A path or URL; or rows in memory: a DataFrame, a list of dicts, a list of values of the one input."""


@dataclass(frozen=True)
class Sources:
    """Where the rows are, as the user typed it.

    Args:
        data: files, `hf://owner/name`, or rows in memory (a DataFrame, a list of dicts), read as one table.
        valid: the user's own validation part, if there is one.
        tests: named test parts; the plain `--test FILE` is called "test".
        mapping: the task's column name -> the column in the files.
        drop: columns of the files that are not to be used under any name.
        types: a further column of the files -> its type, where its values do not show it.
        root: a folder or an archive for the files that a table names; "" is the folder of the first file of `data`.
    """

    data: tuple[Source, ...]
    valid: tuple[Source, ...] = ()
    tests: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    root: str = ""


@dataclass(frozen=True)
class LeakReport:
    """What would have leaked. Counts are of rows unless they say otherwise.

    Args:
        across: training rows that repeat a row of a validation or test part, and validation rows that
            repeat a row of a test part (removed from training and from validation).
        inside: further copies inside the training part (removed: one stays).
        conflicting: rows whose text occurs with different labels (quarantined, the whole group of copies).
        conflicting_texts: how many texts those are.
        near: training rows nearly like a validation or test row (counted and warned of, not removed).
        groups_across: groups (patients) with rows in training and in a validation or test part, which
            only parts given by the user can have; their training rows are removed, and their validation
            rows where they have test rows.
        group_rows: how many rows that are.
        kept: whether all of these were kept at the user's wish.
    """

    across: int = 0
    inside: int = 0
    conflicting: int = 0
    conflicting_texts: int = 0
    near: int = 0
    groups_across: int = 0
    group_rows: int = 0
    kept: bool = False


@dataclass(frozen=True)
class Prepared:
    """Clean examples with their folds, and an account of every row that did not get there.

    Args:
        task: with the further columns that the files turned out to have.
        columns: the task's column name -> the column of the files, for all that were found.
        unused: columns of the files that nothing reads.
        examples: every usable row, or what is made of rows; those in `removed` too, which stand in no part of a fold;
            the table has a column for each task column that a file has.
        outcome: what an answer to the target is: its classes, of the training, validation and calibration rows, or
            a number.
        quarantine: rows that cannot be used, of all sources.
        removed: rows taken out of the training or validation part because of leaks, with the reason.
        split: the name of the split that was used.
        fingerprint: sha256 over the contents of all rows, in order.
        read: rows in the sources.
        notes: what the user should know besides: optional values that could not be read, columns that
            look like one of the task's, classes that differ in case alone. A sentence each.
        further: a column that the files have beyond the task's own -> the type that it is read as.
        channels: a column of recordings -> how many channels these have.
    """

    task: Task
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    examples: Examples
    folds: tuple[Fold, ...]
    outcome: Outcome
    quarantine: tuple[BadRow, ...]
    removed: tuple[BadRow, ...]
    leaks: LeakReport
    split: str
    fingerprint: str
    read: int
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
