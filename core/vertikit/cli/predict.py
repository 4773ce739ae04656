"""`vertikit predict RUN DATA`: an answer for every row, in order."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import column_options, read_sources
from vertikit.errors import UsageError


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("data", nargs=-1, metavar="DATA...")
@column_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the answers go: .csv, .jsonl or .parquet.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def predict(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    output: Path,
    force: bool,
) -> None:
    """Answer the rows of DATA with RUN: a line a row, in the order given; what cannot be used says why."""
    sources = read_sources(data, mapping, drop)
    if output.exists() and not force:
        raise UsageError(
            f"{output} exists already and is not overwritten.", "Choose another --output, or --force."
        )
    from vertikit.run.run import load

    load(run_folder).predict_to(list(sources.data), output, dict(sources.mapping), list(sources.drop))
    click.echo(str(output))
