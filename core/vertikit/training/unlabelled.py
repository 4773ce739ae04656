"""Further rows without labels, to pretrain an encoder on (`pretrain.data`) or to be answered by a teacher
(`teacher.data`)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.duplicates import compared_columns, folded_texts
from vertikit.prepare.reading import read_rows
from vertikit.progress import Progress

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
    return joined(
        train, further_rows("pretrain.data", recipe.pretrain.data, data, recipe, known, work, progress)
    )


def further_rows(
    key: str, path: str, data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    """The rows of a file without labels that the recipe names at `key`.

    UsageError where some of these are rows of a test part, unless leaks are allowed; those that are rows of the
    validation part are left out, and counted.
    """
    return _without_judges(key, path, data, _read(key, path, data, known, work, progress), recipe, progress)


def joined(first: Examples, further: Examples) -> Examples:
    """Both, one after the other, with the columns that both have."""
    from datasets import concatenate_datasets

    columns = [name for name in first.table.column_names if name in further.table.column_names]
    tables = [part.table.select_columns(columns) for part in (first, further)]
    tables[1] = tables[1].cast(tables[0].features)
    count = len(first) + len(further)
    return replace(
        first,
        table=concatenate_datasets(tables),
        rows=np.arange(count, dtype=np.int64),
        source=np.full(count, "", object),
        part=np.full(count, "", object),
        group=None,
        span=None,
    )


def _read(key: str, path: str, data: Prepared, known: Registry, work: Path, progress: Progress) -> Examples:
    if data.examples.windows is not None or data.examples.pictures:
        raise UsageError(
            f"{key}: {data.task.name} takes files of texts or of tables here, and its examples are "
            f"{'windows' if data.examples.windows is not None else 'pictures'}.",
            "Leave it out.",
        )
    lacking = [
        column.name
        for column in data.task.inputs
        if column.name in data.examples.column_names and column.name not in data.columns
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
    found = read_rows(data.task, [source], mapping, (), known, folder, targets=False, unlabelled=True)
    if not len(found.examples):
        raise VertikitError(
            f"{key}: {path} has no usable row" + (f": {found.bad[0].reason}." if found.bad else "."),
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

    names = {column.name for column in compared_columns(task)}

    def folded(examples: Examples) -> list[str]:
        return list(folded_texts(task, examples)) if names & set(examples.table.column_names) else []

    own = folded(further)
    if not own:
        return further
    tested = {text for part in fold.tests.values() for text in folded(data.examples.take(part))}
    leaked = [at for at, text in enumerate(own) if text in tested]
    if leaked:
        words = f"{len(leaked):,} of {len(own):,} rows of {path} are rows of the test part"
        if not recipe.allow_leaks:
            raise UsageError(
                f"{key}: {words} (the first: row {further.rows[leaked[0]]:,}).",
                "Take them out, or the figures of the test are of rows that were learnt from (--allow-leaks).",
            )
        progress.line(f"warning: {words}, and are learnt from all the same")
    valid = set(folded(data.examples.take(np.union1d(fold.valid, fold.calibrate)))) - tested
    kept = np.array([at for at, text in enumerate(own) if text not in valid], np.int64)
    if len(kept) < len(own):
        progress.line(
            f"{key}: {len(own) - len(kept):,} rows are rows of the validation part, and are left out"
        )
    return further.take(kept)
