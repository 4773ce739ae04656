"""`vertikit sample TASK`: the task's own sample data as a file."""

from __future__ import annotations

import importlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import click

from vertikit.errors import UsageError, VertikitError
from vertikit.registry import registry
from vertikit.sample_files import files_beside
from vertikit.task import Task


@click.command()
@click.argument("task_name", metavar="TASK")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; a CSV file.")
@click.option("--rows", type=click.IntRange(1, 10_000_000), metavar="N", help="How many rows.")
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help="Another seed, other rows.")
def sample(task_name: str, output: Path | None, rows: int | None, seed: int) -> None:
    """Write the sample data of TASK, to see what a task takes and to try it."""
    task = registry().task(task_name)
    path = output if output is not None else Path(f"{task.name.replace('/', '-')}-sample.csv")
    if path.exists():
        raise UsageError(
            f"{path} exists already and is not overwritten.", "Choose another name with --output."
        )
    write_sample(task, path, rows, seed)
    if task.sample_note:
        click.echo(task.sample_note, err=True)
    click.echo(str(path))


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
