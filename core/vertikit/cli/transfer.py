"""`vertikit transfer`: what runs are worth as a start for other tasks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vertikit.cli.data_options import read_mapping, read_sources
from vertikit.cli.finished import interval
from vertikit.cli.printing import commands, entries, heading, paragraph, print_json
from vertikit.cli.recipe_options import read_layers, recipe_options
from vertikit.errors import UsageError, did_you_mean
from vertikit.registry import registry

if TYPE_CHECKING:
    from vertikit.transfer.matrix import Target
    from vertikit.transfer.told import Cell, Matrix

_MAPPED = re.compile(r"([a-z0-9_-]+/[a-z0-9_-]+):(.+)", re.DOTALL)


@click.command()
@click.option(
    "--from", "runs", multiple=True, required=True, type=click.Path(path_type=Path), metavar="RUN",
    help="A run to start from, of any task; may be repeated.",
)  # fmt: skip
@click.option(
    "--to", "targets", multiple=True, required=True, metavar="TASK=DATA",
    help="A task and rows to train it on; may be repeated.",
)  # fmt: skip
@click.option(
    "--map", "mapping", multiple=True, metavar="[TASK:]ROLE=COLUMN",
    help="The column ROLE of a task is called COLUMN in its data; without TASK, of every target that has it.",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(min=10), metavar="N", help="Training rows of each target, at most."
)
@recipe_options
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR",
    help="Where cells are kept; naming it again goes on. By default a new one under ./transfers.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def transfer(
    runs: tuple[Path, ...],
    targets: tuple[str, ...],
    mapping: tuple[str, ...],
    rows: int | None,
    recipe_file: Path | None,
    settings: tuple[str, ...],
    seed: int | None,
    allow_leaks: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Train every target from the plain encoder and from each RUN, on the same rows, and show the differences.

    A transfer that is worse beyond luck is warned of. A pair that cannot be, such as two backbones, is told with the
    reason; the others go on.
    """
    asked = read_targets(targets, mapping)
    layers = read_layers(recipe_file, settings, seed, allow_leaks)
    from vertikit.progress import Progress
    from vertikit.run.folder import default_output
    from vertikit.training import quiet_libraries
    from vertikit.transfer.matrix import origins
    from vertikit.transfer.matrix import transfer as fill
    from vertikit.transfer.page import page

    quiet_libraries()
    sources = origins(runs)
    folder = output or default_output("transfer", Path("transfers"))
    try:
        found = fill(sources, asked, layers, rows=rows, output=folder, progress=Progress())
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"the same command with --output {folder} goes on with the cells that are left"
        ) from None
    (folder / "report.html").write_text(page(found, folder.name), encoding="utf-8")
    if as_json:
        print_json(found.as_json())
        return
    _print(found, folder)


def read_targets(targets: Sequence[str], mapping: Sequence[str]) -> list[Target]:
    """What `--to` and `--map` come to; UsageError where they are malformed. Files are not looked at."""
    from vertikit.transfer.matrix import Target

    pairs: list[tuple[str, str]] = []
    known = registry()
    for each in targets:
        task, sign, data = each.partition("=")
        if not (sign and task.strip() and data.strip()):
            raise UsageError(
                f"--to {each!r} is not of the form TASK=DATA.",
                "For instance: --to medical/diagnosis=notes.csv",
            )
        known.task(task)
        pairs.append((task, data))
    if len(set(pairs)) < len(pairs):
        raise UsageError("--to names the same task and data twice.", "Name each once.")
    names = [task for task, _ in pairs]
    roles = {task: {column.name for column in known.task(task).columns} for task in names}
    own: dict[str, list[str]] = {task: [] for task in names}
    for each in mapping:
        match = _MAPPED.fullmatch(each)
        role = (match[2] if match else each).partition("=")[0].strip()
        if match and match[1] not in own:
            raise UsageError(f"--map {each!r}: {match[1]} is no target.", did_you_mean(match[1], names))
        taking = [match[1]] if match else [task for task in own if role in roles[task]]
        if not taking:
            every = sorted(set().union(*roles.values()))
            raise UsageError(f"--map {each!r}: no target has a column {role!r}.", did_you_mean(role, every))
        for task in taking:
            own[task].append(match[2] if match else each)
    return [
        Target(
            task if names.count(task) == 1 else f"{task} ({Path(data).name})",
            task,
            read_sources(
                (data,), [f"{role}={column}" for role, column in read_mapping(own[task]).items()], ()
            ),
        )
        for task, data in pairs
    ]


def _print(found: Matrix, folder: Path) -> None:
    from vertikit.transfer.told import PLAIN

    for line in found.lines:
        told = f": {line.primary}; {line.rows:,} rows train, {line.tested:,} judge" if line.primary else ""
        heading(f"{line.target}{told}")
        if line.why:
            paragraph(f"not possible: {line.why}")
        else:
            plain = line.cell(PLAIN)
            rows = [
                ("the plain encoder", interval(plain.score) if plain.score else f"not possible: {plain.why}")
            ]
            rows += [(f"from {each.name}", _difference(line.cell(each.name))) for each in found.sources]
            entries(rows)
        click.echo()
    for warning in found.warnings:
        paragraph(f"! {warning}", indent="")
    entries([("folder", str(folder)), ("report", str(folder / "report.html"))])
    helping = [(line, each) for line, each in found.told() if each.kind == "helps"]
    if helping:
        click.echo("\nNext:")
        by_name = {each.name: each.folder for each in found.sources}
        line, best = max(helping, key=lambda pair: pair[1].difference["ci95"][0])
        commands([f"vertikit train {line.task} --data … --set start.run={shlex.quote(by_name[best.source])}"])


def _difference(cell: Cell) -> str:
    from vertikit.transfer.page import WORDS

    if not cell.kind:
        return f"not possible: {cell.why}" if not cell.score else f"{interval(cell.score)}; {cell.why}"
    value, ends = cell.difference.get("value"), cell.difference.get("ci95")
    told = "–" if value is None else f"{value:+.3f}"
    told += "" if ends is None else f" ({ends[0]:+.3f} to {ends[1]:+.3f})"
    return "; ".join([f"{told}, {WORDS[cell.kind]}", *cell.notes])
