"""Further rows without labels, to pretrain an encoder on (`pretrain.data`) or to be answered by a teacher
(`teacher.data`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.further import TYPES
from vertikit.prepare.reading import read_rows
from vertikit.prepare.reshape import reshape
from vertikit.prepare.roots import roots_of
from vertikit.progress import Progress
from vertikit.training.appended import appended
from vertikit.training.recognised import recognised

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Prepared, Source
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


def pretraining_examples(
    data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    """What an encoder may be pretrained on: the training part, and the rows of `pretrain.data` where there are any."""
    train = data.examples.take(data.folds[0].train)
    if recipe.pretrain.data is None:
        return train
    key = "pretrain.data"
    return appended(key, train, further_rows(key, recipe.pretrain.data, data, recipe, known, work, progress))


def further_rows(
    key: str, path: str, data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    """The rows of a file without labels that the recipe names at `key`.

    UsageError where some of these are rows of a test part, unless leaks are allowed; those that are rows of the
    validation part are left out, and counted.
    """
    further = _read(key, path, data, recipe, known, work, progress)
    return _without_judges(key, path, data, further, recipe, progress)


def _read(
    key: str, path: str, data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    lacking = [
        column.name
        for column in data.task.inputs
        if column.name in data.examples.table.column_names and column.name not in data.columns
    ]
    if lacking:
        raise UsageError(
            f"{key}: {lacking[0]!r} comes from an expert, which does not look at rows without labels.",
            "Leave the experts out: --set experts=[]; or leave the file out.",
        )
    source: Source = path
    if Path(path).suffix.lower() == ".txt":
        source = _lines(key, Path(path))
    folder = work / key
    shutil.rmtree(folder, ignore_errors=True)  # of a training that was interrupted
    folder.mkdir(parents=True)
    mapping = {role: name for role, name in data.columns.items() if role != name}
    task = known.task(data.task.name).for_outcome(data.outcome.kind)
    task = task.with_columns(TYPES[kind](name, required=False) for name, kind in data.further.items())
    read = read_rows(task, [source], mapping, (), known, folder, targets=False, unlabelled=True)
    if not len(read.examples):
        raise VertikitError(
            f"{key}: {path} has no usable row" + (f": {read.bad[0].reason}." if read.bad else "."),
            "Check the file.",
        )
    made = reshape(
        task, read, recipe.reshape, folder, pictures=recipe.pictures, targets=False, registry=known,
        root=roots_of("", read.places, read.examples),
    )  # fmt: skip
    for name, count in made.channels.items():
        if count != data.channels.get(name, count):
            raise UsageError(
                f"{key}: its recordings have {count} channels, and those of the data {data.channels[name]}.",
                "Give recordings of the same sensors.",
            )
    found = made.as_rows(read)
    if not len(found.examples):
        raise VertikitError(
            f"{key}: nothing can be made of the rows of {path}"
            + (f": {found.bad[0].reason}." if found.bad else "."),
            "Check the file.",
        )
    unused = f", {len(found.bad):,} cannot be used ({found.bad[0].reason}, first)" if found.bad else ""
    progress.line(f"{key}: {found.read:,} rows without labels{unused}")
    return found.examples


def _lines(key: str, path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{key}: {path}: no such file.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise VertikitError(f"{key}: {path} is not UTF-8.", "Save it as UTF-8.") from error
    except OSError as error:
        raise VertikitError(f"{key}: {path} cannot be read: {error.strerror}.", "Check the path.") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise VertikitError(f"{key}: {path} has no text in it.", "Write a text a line.")
    return found


def _without_judges(
    key: str, path: str, data: Prepared, further: Examples, recipe: Recipe, progress: Progress
) -> Examples:
    """The further rows that are none of the validation part; UsageError where some are of a test part."""
    fold, task = data.folds[0], data.task
    tested = np.unique(np.concatenate(list(fold.tests.values())))
    leaked = recognised(task, further, data.examples.take(tested))
    if len(leaked):
        words = f"{len(leaked):,} of {len(further):,} rows of {path} are rows of the test part"
        if not recipe.allow_leaks:
            raise UsageError(
                f"{key}: {words} (the first: row {further.rows[leaked[0]]:,}).",
                "Take them out, or the figures of the test are of rows that were learnt from (--allow-leaks).",
            )
        progress.line(f"warning: {words}, and are learnt from all the same")
    held = recognised(task, further, data.examples.take(np.union1d(fold.valid, fold.calibrate)))
    held = np.setdiff1d(held, leaked)
    if len(held):
        progress.line(f"{key}: {len(held):,} rows are rows of the validation part, and are left out")
    return further.take(np.setdiff1d(np.arange(len(further)), held))
