"""`vertikit select TASK`: which foundation model, before anything is adapted."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vertikit.cli.data_options import DataCommand, part_options, read_sources
from vertikit.cli.finished import interval
from vertikit.cli.printing import commands, paragraph, print_json, table
from vertikit.cli.recipe_options import read_layers, recipe_options

if TYPE_CHECKING:
    from vertikit.select.ranking import Ranking
    from vertikit.select.trials import Standing


@click.command(cls=DataCommand)
@click.argument("task_name", metavar="TASK")
@part_options
@recipe_options
@click.option(
    "--candidate",
    "asked",
    multiple=True,
    metavar="BACKBONE",
    help="A name, a folder, a Hub id, or {name: …, OPTION: …}; may be repeated. Without it, those at hand.",
)
@click.option(
    "--rows",
    type=click.IntRange(20),
    default=2000,
    show_default=True,
    help="Training rows that are tried on, at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def select(
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
    asked: tuple[str, ...],
    rows: int,
    as_json: bool,
) -> None:
    """Rank foundation models for TASK on a sample of your training rows; test rows are not looked at.

    Encoders are ordered by how well the target can be read from their features (LogME), then by short trials with a
    frozen encoder, beside classical models. What is computed is kept, and a training finds it.
    """
    sources = read_sources(data, mapping, drop, valid=valid, tests=tests, types=types, root=root)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    from vertikit.progress import Progress
    from vertikit.select.ranking import rank

    ranking = rank(task_name, sources, layers, asked, rows, Progress())
    if as_json:
        print_json(_json(ranking))
        return
    header = ["", ranking.primary, "LogME", "ms a row", "parameters", "length", "languages", "licence"]
    table(header, [_line(each) for each in ranking.standings])
    click.echo()
    for each in ranking.standings:
        if each.why_not:
            click.echo(f"{each.name} went no further: {each.why_not}")
    paragraph(ranking.reason, indent="")
    paragraph(
        "Scores are of validation rows by which the epoch was chosen as well: they compare, and do not promise.",
        indent="",
    )
    click.echo("\nNext:")
    best = shlex.quote(f"backbone={ranking.best.name}")
    commands([f"vertikit train {task_name} --data … --set {best}"])


def _line(each: Standing) -> list[str]:
    info = None if each.candidate is None else each.candidate.info
    return [
        each.name,
        interval(each.score),
        "–" if math.isnan(each.evidence) else f"{each.evidence:.3f}",
        "–" if each.milliseconds is None else f"{each.milliseconds:.1f}",
        "–" if each.parameters is None else f"{each.parameters:,}",
        f"{info.max_length:,}" if info is not None and info.modality == "text" else "–",
        "–" if info is None else ", ".join(info.languages) or "not stated",
        "classical" if each.candidate is None else "–" if info is None else info.licence,
    ]


def _json(ranking: Ranking) -> dict[str, Any]:
    return {
        "task": ranking.task,
        "primary": ranking.primary,
        "higher_is_better": ranking.higher_is_better,
        "rows": ranking.rows,
        "valid": ranking.valid,
        "best": ranking.best.name,
        "difference": dict(ranking.difference),
        "reason": ranking.reason,
        "models": [_facts(each) for each in ranking.standings],
    }


def _facts(each: Standing) -> Mapping[str, Any]:
    info = None if each.candidate is None else each.candidate.info
    return {
        "name": each.name,
        "classical": each.candidate is None,
        "score": each.score or None,
        "rows": each.rows,
        "log_evidence": None if math.isnan(each.evidence) else each.evidence,
        "milliseconds_a_row": each.milliseconds,
        "seconds": round(each.seconds, 2),
        "parameters": each.parameters,
        "width": None if info is None else info.width,
        "max_length": None if info is None else info.max_length,
        "languages": None if info is None else list(info.languages),
        "licence": None if info is None else info.licence,
        "sha256": None if info is None else info.sha256,
        "left_because": each.why_not,
    }
