"""`vertikit train TASK`: from data to an adapted model with its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.engine_options import check_engine, engine_options
from vertikit.cli.finished import interval, print_finished
from vertikit.cli.printing import entries, paragraph
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Sources

RESUMABLE = "the same command with --resume goes on from the last checkpoint"


@click.command(cls=DataCommand)
@click.argument("task_name", metavar="TASK")
@part_options
@recipe_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The run's folder; by default a new one under ./runs.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the newest unfinished run of the same data and recipe."
)
@click.option(
    "--few-shot",
    is_flag=True,
    help="For 8 to 64 rows of each class: choose head and blend by out-of-fold scores.",
)
@click.option(
    "--repeat",
    metavar="FOLDS[xSEEDS]",
    help="Cross-validate: 5 trains five times, each row a test once; 5x3 with three seeds.",
)
@engine_options
@click.option("--show-values", is_flag=True, help="Let the report show private texts.")
def train(
    task_name: str,
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
    output: Path | None,
    resume: bool,
    few_shot: bool,
    repeat: str | None,
    engine: str | None,
    workers: int | None,
    address: str | None,
    show_values: bool,
) -> None:
    """Adapt a model to your data for TASK, judge it beside the baselines, and write it all up."""
    sources = read_sources(data, mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    check_engine(engine, workers, address)
    if few_shot:
        layers.append({"few_shot": True})
    if repeat is not None:
        if engine is not None:
            raise UsageError(
                "--repeat trains one run after the other, and takes no --engine.", "Leave one of them out."
            )
        _repeated(task_name, sources, layers, repeat, output, resume, show_values)
        return
    from vertikit.adapt import ranks
    from vertikit.training import train_command

    try:
        if engine is not None:
            from vertikit.cluster.training import train_on_cluster

            run = train_on_cluster(task_name, sources, layers, output, resume, show_values, workers, address)
        else:
            run = train_command(task_name, sources, layers, output, resume, show_values)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(RESUMABLE) from None
    if ranks.is_first():
        print_finished(run)


def _repeated(
    task_name: str,
    sources: Sources,
    layers: list[dict[str, Any]],
    shape: str,
    output: Path | None,
    resume: bool,
    show_values: bool,
) -> None:
    from vertikit.repeat.repeating import PAGE, repeat

    try:
        folder, found = repeat(task_name, sources, layers, shape, output, resume, show_values)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "the same command with --resume goes on with the folds that are missing"
        ) from None
    paragraph(found["told"], "")
    click.echo()
    name = found["primary"]
    rows = [(f"{name}, all rows together", interval(found["pooled"]))]
    rows += [
        (f"  fold {each['fold']}, seed {each['seed']}", interval({"value": each["score"]}))
        for each in found["runs"]
    ]
    rows += [(f"  {each}, mean", f"{value:.3f}") for each, value in (found.get("baselines") or {}).items()]
    entries(rows)
    click.echo()
    entries([("runs", str(folder)), ("report", str(folder / PAGE))])
