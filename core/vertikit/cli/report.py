"""`vertikit report RUN`: report.html written anew from what lies in the run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
def report(run_folder: Path) -> None:
    """Write the report of RUN anew and print where it is."""
    from vertikit.run.report import render

    click.echo(str(render(run_folder)))
