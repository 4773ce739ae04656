"""`vertikit sample TASK`: the task's own sample data as a file."""

from __future__ import annotations

import contextlib
import importlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

import click

from vertikit.errors import UsageError, VertikitError
from vertikit.registry import registry
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
    """Write a task's sample to `path`, which is there whole or not at all; UsageError where there is none."""
    if not task.sample:
        raise UsageError(f"task {task.name} has no sample data.", "`vertikit tasks` lists other tasks.")
    write = _writer(task)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if rows is None:
            write(partial, seed=seed)
        else:
            write(partial, rows=rows, seed=seed)
        os.replace(partial, path)  # noqa: PTH105 -- atomic, and said so
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place with --output."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _writer(task: Task) -> Callable[..., None]:
    module, _, name = task.sample.partition(":")
    try:
        writer: Callable[..., None] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise VertikitError(
            f"the sample of {task.name} cannot be imported from {task.sample!r}: {error}.", "Tell its author."
        ) from error
    return writer
