"""A task's own sample data as a file, and where the files lie that its rows name."""

from __future__ import annotations

import importlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.errors import UsageError, VertikitError

if TYPE_CHECKING:
    from vertikit.task import Task


def files_beside(path: Path) -> Path:
    """The folder beside a sample's table: of `parts.csv`, `parts`. Cells are relative to the folder that holds both."""
    return path.with_suffix("") if path.suffix else path.with_name(f"{path.name}-files")


def write_sample(task: Task, path: Path, rows: int | None = None, seed: int = 0) -> None:
    """Write a task's sample to `path`, which is there whole or not at all; UsageError where there is none.

    Pictures that its rows name come in a folder beside it (`files_beside`).
    """
    if not task.sample:
        raise UsageError(f"task {task.name} has no sample data.", "`vertikit tasks` lists other tasks.")
    write = _writer(task)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        partial.mkdir(parents=True)
        if rows is None:
            write(partial / path.name, seed=seed)
        else:
            write(partial / path.name, rows=rows, seed=seed)
        beside = files_beside(path)
        if (partial / beside.name).is_dir():
            if beside.exists():
                raise UsageError(
                    f"{beside} exists already and is not overwritten.",
                    "Choose another name with --output, or move it away.",
                )
            os.replace(partial / beside.name, beside)  # noqa: PTH105 -- atomic, and said so
        os.replace(partial / path.name, path)  # noqa: PTH105
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place with --output."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _writer(task: Task) -> Callable[..., None]:
    module, _, name = task.sample.partition(":")
    try:
        writer: Callable[..., None] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise VertikitError(
            f"the sample of {task.name} cannot be imported from {task.sample!r}: {error}.", "Tell its author."
        ) from error
    return writer
