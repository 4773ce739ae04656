"""`vertikit compress RUN`: a smaller or quicker form of a run, beside it."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.finished import print_finished
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.cli.train import RESUMABLE
from vertikit.errors import UsageError


@click.command(cls=DataCommand)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@part_options
@recipe_options
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME[,NAME...]",
    help="Compressors in their order, such as trim,layers,int8; `vertikit show` lists them.",
)
@click.option(
    "--budget",
    metavar="LIMITS",
    help="Search for the best within limits on size, ms (a row), speed (times as fast) and drop (points, or percent "
    'of a number): "size<20MB,drop<1.0".',
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The smaller run's folder; by default a new one under ./runs.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the newest unfinished run of the same data and recipe."
)
@click.option("--show-values", is_flag=True, help="Let the report show private texts.")
def compress(
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
    methods: tuple[str, ...],
    budget: str | None,
    output: Path | None,
    resume: bool,
    show_values: bool,
) -> None:
    """Make RUN smaller or quicker, on its data, and put both side by side: bytes, memory, time, quality.

    Rows are split as the run's were. What a method takes away is made up for by training what is left. Options of a
    method go into the recipe: --set 'compress.steps=[{name: prune, share: 0.3}, int8]'.
    """
    from dataclasses import replace

    sources = read_sources(data, mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    from vertikit.run.run import load
    from vertikit.training import train_command
    from vertikit.training.distilling import remembered_mapping
    from vertikit.training.smaller import asked_steps, compress_layers, named_steps

    run = load(run_folder)
    steps = asked_steps(layers) or named_steps(methods, run.registry)
    if not steps and budget is None:
        raise UsageError(
            "nothing is to be done to the run.", 'Say what: --method int8, or --budget "size<20MB,drop<1.0"'
        )
    sources = replace(sources, mapping=remembered_mapping(run, sources.mapping))
    own = compress_layers(run, steps, budget, layers)
    try:
        smaller = train_command(str(run.manifest["task"]), sources, own, output, resume, show_values)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(RESUMABLE) from None
    print_finished(smaller)
