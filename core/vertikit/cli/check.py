"""`vertikit check TASK DATA`: what is in the data, without training."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.registry import registry


@click.command(cls=DataCommand)
@click.argument("task_name", metavar="TASK")
@click.argument("rows", nargs=-1, metavar="[DATA]...")
@part_options
@recipe_options
def check(
    task_name: str,
    rows: tuple[str, ...],
    data: tuple[str, ...],
    valid: tuple[str, ...],
    tests: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    types: tuple[str, ...],
    recipe_file: Path | None,
    settings: tuple[str, ...],
    seed: int | None,
    allow_leaks: bool,
) -> None:
    """Look into DATA for TASK: columns, unusable rows, leaks, the split. Fails where training would stop."""
    sources = read_sources((*rows, *data), mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    known = registry()
    task = known.task(task_name)
    from vertikit.prepare.preparing import prepare
    from vertikit.prepare.summary import describe
    from vertikit.progress import Progress
    from vertikit.recipe import resolve_recipe

    recipe = resolve_recipe(task, known, layers=layers)
    with tempfile.TemporaryDirectory(prefix="vertikit-check-") as folder:
        prepared = prepare(task, sources, recipe, known, Path(folder), Progress().line)
        for line in describe(prepared):
            click.echo(line)
