"""`vertikit check TASK DATA`: what is in the data, without training a model for use."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.errors import UsageError
from vertikit.registry import registry


@click.command(cls=DataCommand)
@click.argument("task_name", metavar="TASK")
@click.argument("rows", nargs=-1, metavar="[DATA]...")
@part_options
@recipe_options
@click.option(
    "--noise",
    is_flag=True,
    help="List rows whose label is probably wrong, by quick models that have not seen them.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --noise: write all of these rows to a new CSV file.",
)
@click.option("--show-values", is_flag=True, help="With --noise: show labels that are private.")
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
    noise: bool,
    output: Path | None,
    show_values: bool,
) -> None:
    """Look into DATA for TASK: columns, unusable rows, leaks, the split. Fails where training would stop.

    With --noise, labels too: quick models, each trained on other rows, say which labels are probably wrong.
    """
    if not noise and (output is not None or show_values):
        raise UsageError(
            f"{'--output' if output is not None else '--show-values'} goes with --noise.", "Add it."
        )
    if output is not None and output.exists():
        raise UsageError(
            f"{output} exists already and is not overwritten.", "Choose another name with --output."
        )
    sources = read_sources((*rows, *data), mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    known = registry()
    task = known.task(task_name)
    from vertikit.prepare.preparing import prepare
    from vertikit.prepare.summary import describe
    from vertikit.progress import Progress
    from vertikit.recipe import resolve_recipe

    recipe = resolve_recipe(task, known, layers=layers)
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="vertikit-check-") as folder:
        prepared = prepare(task, sources, recipe, known, Path(folder), progress.line)
        for line in describe(prepared):
            click.echo(line)
        if not noise:
            return
        from vertikit.noise import told
        from vertikit.noise.scan import scan_for

        found = scan_for(prepared, layers, known, Path(folder), progress)
        click.echo()
        for line in told.lines(found, show_values):
            click.echo(line)
        if output is not None:
            told.write(found, output, show_values)
        click.echo(told.next_step(found, output))
