"""`vertikit predict RUN DATA`: an answer for every row, in order."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import column_options, read_sources


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("data", nargs=-1, metavar="DATA...")
@column_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the answers go: .csv, .jsonl or .parquet; or, of a run that tells where, a folder, for heat maps too.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Go on with what the run remembers of the past (cards, machines), and keep it in FILE.",
)
def predict(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    output: Path,
    state: Path | None,
) -> None:
    """Answer the rows of DATA with RUN: a line a row, in the order given; what cannot be used says why."""
    sources = read_sources(data, mapping, drop, root=root)
    from vertikit.deploy.predicting import predict_to
    from vertikit.progress import Progress
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    run = load(run_folder)
    quiet_libraries()
    table = predict_to(
        run,
        data,
        output,
        mapping=sources.mapping,
        drop=sources.drop,
        root=sources.root,
        state=state,
        progress=Progress(),
    )
    unusable = int(table["error"].notna().sum())
    if unusable:
        click.echo(f"{unusable:,} of {len(table):,} rows cannot be used; the column error says why", err=True)
    click.echo(str(output))
