"""`vertikit runs`: what has been trained here."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.printing import entries, heading, print_json
from vertikit.cli.run_listing import RunLine, find_runs, run_json


@click.command()
@click.option(
    "--in",
    "parent",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    metavar="DIR",
    help="Default: runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def runs(parent: Path, as_json: bool) -> None:
    """List the runs in a folder, the newest first."""
    found = find_runs(parent)
    if as_json:
        print_json([run_json(run) for run in found])
        return
    if not found:
        click.echo(f"No runs in {parent}. `vertikit demo` makes one.")
    for number, run in enumerate(found):
        if number:
            click.echo()
        heading(str(run.folder))
        entries(_rows(run))


def _rows(run: RunLine) -> list[tuple[str, str]]:
    if run.state == "unfinished":
        return [("unfinished", f"since {run.date}; the command that began it, with --resume, goes on")]
    if run.state == "damaged":
        return [("damaged", "task.json or metrics.json is missing, cannot be read, or was changed")]
    judged = run.manifest.get("evaluation_of")
    return [
        *([("evaluation", f"of {judged} on other rows")] if judged else []),
        ("task", run.task),
        ("date", run.date),
        (run.primary or "result", run.score()),
        ("verdict", str(run.metrics.get("verdict", ""))),
    ]
