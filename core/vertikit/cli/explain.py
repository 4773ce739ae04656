"""`vertikit explain RUN`: what an adaptation changed, and why a row got its answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vertikit.cli.data_options import WHERE, DataCommand, column_options, read_sources
from vertikit.cli.printing import entries, heading, paragraph, print_json, table

if TYPE_CHECKING:
    from vertikit.explain.attribution import Reasons
    from vertikit.explain.explaining import Explained

SHOWN, NAMED = 5, 4
"""Rows that the terminal shows, and parts that it names of each."""


@click.command(cls=DataCommand)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--data",
    multiple=True,
    metavar="ROWS",
    help=f"Rows to explain; with labels, they also tell what each change was worth: {WHERE}.",
)
@column_options
@click.option(
    "--rows", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Rows to explain."
)
@click.option(
    "--control",
    multiple=True,
    metavar="DATA",
    help="Train the recipe anew on these rows with shuffled labels, to see what fitting noise would change.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="A folder for page and numbers."
)
@click.option("--show-values", is_flag=True, help="Let the page and the table show private texts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    rows: int,
    control: tuple[str, ...],
    output: Path | None,
    show_values: bool,
    as_json: bool,
) -> None:
    """Show what the adaptation of RUN changed, layer by layer, and why rows got their answers.

    With labelled rows each layer is put back to where it was, to see whether a layer that changed more matters more.
    """
    sources = read_sources(data or control or ("",), mapping, drop, root=root) if data or control else None
    from vertikit.explain.explaining import Given
    from vertikit.explain.explaining import explain as look
    from vertikit.explain.told import as_json as told
    from vertikit.explain.writing import folder
    from vertikit.progress import Progress
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    run = load(run_folder)
    quiet_libraries()

    def given(named: tuple[str, ...]) -> Given | None:
        if not named or sources is None:
            return None
        return Given(named, sources.mapping, sources.drop, sources.root)

    with folder(output, show_values=show_values) as write:
        found = look(run, given(data), given(control), rows=rows, progress=Progress())
        write(found)
    if as_json:
        print_json(told(found, values=show_values))
        return
    _print(found, show_values)
    if output is not None:
        click.echo()
        entries([("page", str(output / "explain.html")), ("numbers", str(output / "changes.json"))])


def _print(found: Explained, show_values: bool) -> None:
    from vertikit.explain.told import sentences

    if any(each.moved for each in found.adapted.changes):
        _table(found)
        click.echo()
    for each in sentences(found):
        paragraph(each, indent="")
    if found.reasons:
        click.echo()
        heading("Rows and what spoke for their answers (how far each falls without it)")
        entries([_row(each, show_values) for each in found.reasons[:SHOWN]])
        if len(found.reasons) > SHOWN:
            click.echo(f"  and {len(found.reasons) - SHOWN:,} more, on the page of --output")


def _table(found: Explained) -> None:
    """A line a block."""
    worth = {each.name: each for each in found.adapted.reverted}
    other = {} if found.control is None else {each.name: each for each in found.control.changes}
    head = ["block", "change", *(["control"] if other else []), "rank", "CKA"]
    head += ["loss rises by", f"{found.primary} lost"] if worth else []
    lines = []
    for each in found.adapted.changes:
        line = [each.name, _percent(each.norm)]
        line += [_percent(other[each.name].norm)] if other else []
        line += [_number(each.rank, 1), _number(each.kept, 3)]
        if worth:
            own = worth.get(each.name)
            line += ["–", "–"] if own is None else [_measured(own.loss), _measured(own.lost)]
        lines.append(line)
    table(head, lines)


def _row(each: Reasons, show_values: bool) -> tuple[str, str]:
    answer = f"{each.said} {each.answer:.2f}" if each.said else f"{each.answer:.4g}"
    named = []
    for at in each.order[:NAMED]:
        part = each.parts[at]
        hidden = part.private and not show_values
        value = "" if hidden or not part.value else f" {_shortened(part.value)}"
        named.append(f"{part.name}{value} {each.weights[at]:+.3g}")
    return f"row {each.row}", f"{answer}: {'; '.join(named) or 'nothing in it can be taken away'}"


def _shortened(text: str, most: int = 30) -> str:
    """In quotation marks, cut where it is long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= most else line[:most] + "…")


def _measured(own: Mapping[str, Any]) -> str:
    """Three digits that tell something, however small: a block may cost next to nothing."""
    if own.get("value") is None:
        return "–"
    ends = own.get("ci95")
    between = "" if ends is None else f" ({ends[0]:.2g} to {ends[1]:.2g})"
    return f"{own['value']:.2g}{between}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
