"""`vertikit tasks`: what can be done. Reads the registrations alone, so no task is imported."""

from __future__ import annotations

from itertools import groupby

import click

from vertikit.cli.broken import note_broken_plugins
from vertikit.cli.printing import entries, heading, print_json
from vertikit.errors import UsageError, did_you_mean
from vertikit.registry import registry


@click.command()
@click.argument("vertical", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def tasks(vertical: str | None, as_json: bool) -> None:
    """List the tasks of all trades, or of one VERTICAL, the first word of their names."""
    known = registry()
    found = known.components("tasks")
    if vertical is not None:
        verticals = sorted({task.name.partition("/")[0] for task in found})
        if vertical not in verticals:
            raise UsageError(f"there is no vertical {vertical!r}.", did_you_mean(vertical, verticals))
        found = [task for task in found if task.name.partition("/")[0] == vertical]
    note_broken_plugins(known)
    if as_json:
        print_json(
            [
                {
                    "name": task.name,
                    "summary": task.summary,
                    "plugin": task.plugin,
                    "requires": list(task.requires),
                    "missing": list(task.missing()),
                    "install": task.installing if task.missing() else "",
                }
                for task in found
            ]
        )
        return
    if not found:
        click.echo("No plugin offers a task; `vertikit plugins` lists what is installed.")
        return
    for trade, group in groupby(found, key=lambda task: task.name.partition("/")[0]):
        heading(trade)
        rows = []
        for task in group:
            needs = f" Needs: {task.installing}" if task.missing() else ""
            rows.append((task.name, f"{task.summary.rstrip('.')}.{needs}"))
        entries(rows)
    click.echo(
        "\nType `vertikit show TASK` for what one wants and gives, `vertikit demo TASK` to see it work."
    )
