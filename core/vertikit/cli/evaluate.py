"""`vertikit evaluate RUN`: a run judged on labelled rows that it has not seen."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import WHERE, DataCommand, column_options, read_sources
from vertikit.cli.finished import scores
from vertikit.cli.printing import entries, paragraph, print_json


@click.command(cls=DataCommand)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--data", multiple=True, metavar="DATA", help=f"The labelled rows: {WHERE}. May be repeated.")
@column_options
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="A folder for numbers and report."
)
@click.option("--show-values", is_flag=True, help="Let the report show private texts.")
@click.option("--allow-leaks", is_flag=True, help="Keep rows that RUN has learnt from; the report says so.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def evaluate(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    output: Path | None,
    show_values: bool,
    allow_leaks: bool,
    as_json: bool,
) -> None:
    """Judge RUN and its baselines on further labelled data, of another place or a later year, say."""
    sources = read_sources(data, mapping, drop, root=root)
    from vertikit.deploy.evaluating import evaluate as judge
    from vertikit.progress import Progress
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    run = load(run_folder)
    quiet_libraries()
    metrics = judge(
        run,
        data,
        output=output,
        mapping=sources.mapping,
        drop=sources.drop,
        root=sources.root,
        show_values=show_values,
        allow_leaks=allow_leaks,
        progress=Progress(),
    )
    if as_json:
        print_json(metrics)
        return
    paragraph(str(metrics.get("verdict", "")), "")
    click.echo()
    entries(scores(metrics))
    for warning in metrics.get("warnings", []):
        paragraph(f"! {warning}")
    if output is not None:
        click.echo()
        entries([("report", str(output / "report.html"))])
