"""`vertikit tune TASK`: the settings of a recipe, by trials on validation rows."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.engine_options import check_engine, engine_options
from vertikit.cli.finished import interval
from vertikit.cli.printing import commands, entries, paragraph, print_json, table
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.durations import microseconds

if TYPE_CHECKING:
    from vertikit.tune.told import Tuned

SHOWN = 5


@click.command(cls=DataCommand)
@click.argument("task_name", metavar="TASK")
@part_options
@recipe_options
@click.option("--trials", type=click.IntRange(1, 10_000), default=20, show_default=True, help="In all.")
@click.option("--time", "limit", metavar="DURATION", help="No trial begins after it: 30min, 2h.")
@click.option(
    "--space",
    multiple=True,
    metavar="KEY=VALUES",
    help="Try this too: optimiser.rate=0.0001..0.01 or 'strategy.rank=[4, 8]'; may be repeated.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where trials and the best recipe are kept; naming it again goes on. By default a new one under ./tunings.",
)
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tune(
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
    trials: int,
    limit: str | None,
    space: tuple[str, ...],
    output: Path | None,
    engine: str | None,
    workers: int | None,
    address: str | None,
    as_json: bool,
) -> None:
    """Try settings of the recipe for TASK on your training rows, judged by the validation rows alone.

    The recipe as it is comes first. The best one is written out; test rows are not looked at.
    """
    seconds = None
    if limit is not None:
        try:
            seconds = microseconds(limit) / 1e6
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--time") from None
    sources = read_sources(data, mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    check_engine(engine, workers, address)
    from vertikit.progress import Progress
    from vertikit.run.folder import default_output
    from vertikit.training import quiet_libraries
    from vertikit.tune.page import page
    from vertikit.tune.study import RECIPE, tune
    from vertikit.tune.told import as_json as told

    quiet_libraries()
    folder = output or default_output(task_name, Path("tunings"))
    search = None
    if engine is not None:
        from vertikit.cluster.tuning import Cluster

        search = Cluster((task_name, sources, layers, space, folder), workers, address)
    started = time.monotonic()
    try:
        found = tune(
            task_name, sources, layers, trials=trials, seconds=seconds, space=space, output=folder,
            progress=Progress(), search=search,
        )  # fmt: skip
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"the same command with --output {folder} goes on after the last trial"
        ) from None
    recipe = (folder / RECIPE).read_text(encoding="utf-8")
    (folder / "report.html").write_text(page(found, recipe), encoding="utf-8")
    if as_json:
        print_json(told(found))
        return
    _print(found, time.monotonic() - started)


def _print(found: Tuned, seconds: float) -> None:
    from vertikit.tune.told import shown

    keys = [knob.key for knob in found.knobs]
    sign = -1 if found.higher_is_better else 1
    done = sorted(
        (each for each in found.trials if each.score is not None), key=lambda each: sign * (each.score or 0)
    )
    table(
        ["trial", found.primary, *keys],
        [[str(each.number), f"{each.score:.4f}", *(shown(each.settings.get(key)) for key in keys)]
         for each in done[:SHOWN]],
    )  # fmt: skip
    left = len(found.trials) - len(done)
    without = f", {left} of them without a score" if left else ""
    click.echo(f"\n{len(found.trials)} trials in {seconds:,.0f} s{without}")
    paragraph(found.reason, indent="")
    paragraph(found.optimism, indent="")
    if found.importance:
        first = list(found.importance.items())[:3]
        paragraph(
            "What mattered: " + ", ".join(f"{key} {value:.0%}" for key, value in first) + ".", indent=""
        )
    click.echo()
    lines = [(f"{found.primary}, best trial", interval(found.score))]
    if found.plain is not None:
        lines.append(("  the recipe as it is", interval(found.plain_score)))
    entries([*lines, ("folder", str(found.folder)), ("report", str(found.folder / "report.html"))])
    click.echo("\nNext:")
    commands(
        [f"vertikit train {found.task} --data … --recipe {shlex.quote(str(found.folder / 'recipe.yaml'))}"]
    )
