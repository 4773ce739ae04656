"""`vertikit distill RUN`: a small student that learns by a run's answers."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.finished import print_finished
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.cli.train import RESUMABLE


@click.command(cls=DataCommand)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@part_options
@recipe_options
@click.option(
    "--unlabelled",
    type=str,
    metavar="FILE",
    help="Further rows without labels, which the teacher answers; a .txt holds a text a line.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The student's folder; by default a new one under ./runs.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the newest unfinished run of the same data and recipe."
)
@click.option("--show-values", is_flag=True, help="Let the report show private texts.")
def distill(
    run_folder: Path,
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
    unlabelled: str | None,
    output: Path | None,
    resume: bool,
    show_values: bool,
) -> None:
    """Train a small student of RUN on its data, beside the same student without a teacher.

    Without --set backbone=NAME it is the teacher's encoder with half its layers. Rows are split as the teacher's were,
    so that nobody is judged on what the teacher has learnt from.
    """
    from dataclasses import replace

    sources = read_sources(data, mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    from vertikit.run.run import load
    from vertikit.training import train_command
    from vertikit.training.distilling import remembered_mapping, student_layers

    teacher = load(run_folder)
    sources = replace(sources, mapping=remembered_mapping(teacher, sources.mapping))
    own = student_layers(teacher, layers, unlabelled)
    try:
        run = train_command(str(teacher.manifest["task"]), sources, own, output, resume, show_values)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(RESUMABLE) from None
    print_finished(run)
