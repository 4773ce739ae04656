"""`vertikit sample TASK`: the task's own sample data as a file."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.errors import UsageError
from vertikit.registry import registry
from vertikit.sample_files import write_sample


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
