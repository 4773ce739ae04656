"""`vertikit report RUN`: report.html written anew from what lies in the run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
def report(run_folder: Path) -> None:
    """Write the report of RUN anew and print where it is."""
    from vertikit.run.folder import read_manifest
    from vertikit.run.report import render, shows_values

    # Numbers that were changed by hand must not be drawn as the run's own.
    read_manifest(run_folder)
    if shows_values(run_folder):
        path = run_folder / "report.html"
        click.echo(
            "kept as it is: it shows texts of the data, which the run does not hold. Remove it first.",
            err=True,
        )
        click.echo(str(path))
        return
    click.echo(str(render(run_folder)))
