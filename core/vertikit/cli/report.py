"""`vertikit report RUN`: report.html written anew from what lies in the run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--show-values", is_flag=True, help="Let the report show private texts.")
def report(run_folder: Path, show_values: bool) -> None:
    """Write the report of RUN anew and print where it is."""
    from vertikit.run.report import render

    click.echo(str(render(run_folder, show_values=show_values)))
