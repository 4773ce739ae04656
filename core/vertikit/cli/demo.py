"""`vertikit demo`: a task on its sample data, from rows to report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from vertikit.cli.finished import print_finished
from vertikit.errors import UsageError, VertikitError
from vertikit.picture_columns import Image
from vertikit.prepare.prepared import Sources
from vertikit.registry import Registry, registry
from vertikit.sample_files import write_sample
from vertikit.task import Task

FOLDER = Path("runs")


@click.command()
@click.argument("task_name", metavar="[TASK]", required=False)
def demo(task_name: str | None) -> None:
    """Train on the sample data of TASK (by default the first that has some) and write the report."""
    known = registry()
    task = known.task(task_name) if task_name is not None else _showcase(known)
    path = FOLDER / f"{task.name.replace('/', '-')}-sample.csv"
    if path.exists():
        click.echo(f"{task.name} on {path}, which is there already", err=True)
    else:
        write_sample(task, path)
        click.echo(f"{task.name} on {path}. {task.sample_note}", err=True)
    settings = "".join(f" --set {each}" for each in _settings(task.sample_recipe))
    again = f"vertikit train {task.name} --data {path}{settings}"
    if settings:
        click.echo(f"this is: {again}", err=True)
    from vertikit.training import train_command

    try:
        run = train_command(
            task.name,
            Sources((str(path),)),
            [task.sample_recipe] if task.sample_recipe else [],
            None,
            False,
            # What a generator drew is nobody's.
            any(isinstance(column, Image) for column in task.inputs),
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"`{again} --resume` goes on") from None
    print_finished(run)
    click.echo(f"\nOn your own rows: vertikit show {task.name}")


def _settings(recipe: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """`{"reshape": {"window": "24h"}}` -> "reshape.window=24h", as --set takes it."""
    for key, value in recipe.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{above}{key}.")
        else:
            yield f"{above}{key}={value}"


def _showcase(known: Registry) -> Task:
    """The task that asks to be shown, else the first that has sample data."""
    others: list[Task] = []
    for component in known.components("tasks"):
        if component.missing():
            continue
        try:
            task = known.task(component.name)
        except VertikitError:
            continue
        if task.sample and task.showcase:
            return task
        others += [task] if task.sample else []
    if others:
        return others[0]
    raise UsageError("no task with sample data is installed.", "`vertikit plugins` lists what is.")
