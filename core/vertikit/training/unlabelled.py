"""Further rows without labels, for an encoder to be pretrained on: `pretrain.data`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.duplicates import folded_texts
from vertikit.prepare.reading import read_rows
from vertikit.progress import Progress

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Prepared, Source
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

KEY = "pretrain.data"


def pretraining_examples(
    data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    """What an encoder may be pretrained on: the training part, and the rows of `pretrain.data` where there are any.

    UsageError where some of these are rows of a test part, unless leaks are allowed; those that are rows of the
    validation part are left out, and counted.
    """
    train = data.examples.take(data.folds[0].train)
    if recipe.pretrain.data is None:
        return train
    further = _read(data, recipe.pretrain.data, known, work)
    kept = _without_judges(data, further, recipe, progress)
    columns = [name for name in train.table.column_names if name in kept.table.column_names]
    from datasets import concatenate_datasets

    tables = [part.table.select_columns(columns) for part in (train, kept)]
    tables[1] = tables[1].cast(tables[0].features)
    count = len(train) + len(kept)
    return replace(
        train,
        table=concatenate_datasets(tables),
        rows=np.arange(count, dtype=np.int64),
        source=np.full(count, "", object),
        part=np.full(count, "", object),
        group=None,
        span=None,
    )


def _read(data: Prepared, path: str, known: Registry, work: Path) -> Examples:
    if data.examples.windows is not None or data.examples.pictures:
        raise UsageError(
            f"{KEY}: {data.task.name} takes files of texts or of tables here, and its examples are "
            f"{'windows' if data.examples.windows is not None else 'pictures'}.",
            "Pretrain on the training rows: leave it out.",
        )
    lacking = [
        column.name
        for column in data.task.inputs
        if column.name in data.examples.column_names and column.name not in data.columns
    ]
    if lacking:
        raise UsageError(
            f"{KEY}: {lacking[0]!r} comes from an expert, which does not look at rows without labels.",
            "Leave the experts out: --set experts=[]; or leave out pretrain.data.",
        )
    source: Source = path
    if Path(path).suffix.lower() == ".txt":
        source = _lines(Path(path))
    folder = work / "unlabelled"
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():  # of a training that was interrupted
        _remove(left)
    mapping = {role: name for role, name in data.columns.items() if role != name}
    found = read_rows(data.task, [source], mapping, (), known, folder, targets=False, unlabelled=True)
    if not len(found.examples):
        raise VertikitError(
            f"{KEY}: {path} has no usable row" + (f": {found.bad[0].reason}." if found.bad else "."),
            "Check the file.",
        )
    return found.examples


def _remove(path: Path) -> None:
    import shutil

    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{KEY}: {path}: no such file.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise VertikitError(f"{KEY}: {path} is not UTF-8.", "Save it as UTF-8.") from error
    except OSError as error:
        raise VertikitError(f"{KEY}: {path} cannot be read: {error.strerror}.", "Check the path.") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise VertikitError(f"{KEY}: {path} has no text in it.", "Write a text a line.")
    return found


def _without_judges(data: Prepared, further: Examples, recipe: Recipe, progress: Progress) -> Examples:
    """The further rows that are none of the validation part; UsageError where some are of a test part."""
    fold, task = data.folds[0], data.task

    def folded(examples: Examples) -> list[str]:
        return list(folded_texts(task, examples)) if task.inputs and _has_texts(examples) else []

    def _has_texts(examples: Examples) -> bool:
        from vertikit.prepare.duplicates import compared_columns

        return any(column.name in examples.table.column_names for column in compared_columns(task))

    own = folded(further)
    if not own:
        return further
    tested = {text for part in fold.tests.values() for text in folded(data.examples.take(part))}
    leaked = [at for at, text in enumerate(own) if text in tested]
    if leaked:
        words = f"{len(leaked):,} of {len(own):,} rows of {recipe.pretrain.data} are rows of the test part"
        if not recipe.allow_leaks:
            raise UsageError(
                f"{KEY}: {words} (the first: row {further.rows[leaked[0]]:,}).",
                "Take them out, or the figures of the test are of rows that the encoder knows (--allow-leaks).",
            )
        progress.line(f"warning: {words}, and pretrain all the same")
    valid = set(folded(data.examples.take(np.union1d(fold.valid, fold.calibrate)))) - tested
    kept = np.array([at for at, text in enumerate(own) if text not in valid], np.int64)
    if len(kept) < len(own):
        progress.line(
            f"{KEY}: {len(own) - len(kept):,} rows are rows of the validation part, and are left out"
        )
    return further.take(kept)
