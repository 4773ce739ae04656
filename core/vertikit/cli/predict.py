"""`vertikit predict RUN DATA`: an answer for every row, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vertikit.cli.data_options import column_options, read_sources
from vertikit.cli.engine_options import check_engine, engine_options
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Sources
    from vertikit.run.run import Run


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("data", nargs=-1, metavar="DATA...")
@column_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE_OR_FOLDER",
    help="Where the answers go: .csv, .jsonl or .parquet; or a folder, for parts, in memory that does not grow with "
    "the data; of a run that tells where, a folder for heat maps too.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Go on with what the run remembers of the past (cards, machines), and keep it in FILE.",
)
@click.option(
    "--part-rows",
    type=click.IntRange(1, 100_000_000),
    metavar="N",
    help="Rows of a part; by default 100,000 of tables, 10,000 of all else. A kill costs one part.",
)
@engine_options
def predict(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    output: Path,
    state: Path | None,
    part_rows: int | None,
    engine: str | None,
    workers: int | None,
    address: str | None,
) -> None:
    """Answer the rows of DATA with RUN: a line a row, in the order given; what cannot be used says why.

    A folder as --output takes any number of files of any size. Stopped or killed, the same command goes on after the
    last part that was whole.
    """
    sources = read_sources(data, mapping, drop, root=root)
    check_engine(engine, workers, address)
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    run = load(run_folder)
    quiet_libraries()
    if not output.suffix and not run.parts.locates:
        rows, unusable = _parts(run, sources, output, state, part_rows, engine, workers, address)
    else:
        if engine is not None or part_rows is not None:
            raise UsageError(
                f"{output}: is no folder of parts, and --engine and --part-rows are for these.",
                "Name a folder as --output, or leave them out.",
            )
        rows, unusable = _file(run, sources, output, state)
    if unusable:
        click.echo(f"{unusable:,} of {rows:,} rows cannot be used; the column error says why", err=True)
    click.echo(str(output))


def _file(run: Run, sources: Sources, output: Path, state: Path | None) -> tuple[int, int]:
    """All rows at once; (rows, rows that cannot be used)."""
    from vertikit.deploy.predicting import predict_to
    from vertikit.progress import Progress

    table = predict_to(
        run,
        tuple(str(each) for each in sources.data),
        output,
        mapping=sources.mapping,
        drop=sources.drop,
        root=sources.root,
        state=state,
        progress=Progress(),
    )
    return len(table), int(table["error"].notna().sum())


def _parts(
    run: Run,
    sources: Sources,
    output: Path,
    state: Path | None,
    part_rows: int | None,
    engine: str | None,
    workers: int | None,
    address: str | None,
) -> tuple[int, int]:
    """Part by part; (rows, rows that cannot be used)."""
    from vertikit.deploy.batches.job import Asked, predict_in_parts
    from vertikit.progress import Progress

    asked = Asked(
        tuple(str(each) for each in sources.data),
        output,
        sources.mapping,
        sources.drop,
        sources.root,
        state,
        part_rows,
    )
    cluster = None
    if engine is not None:
        from vertikit.cluster.predicting import Cluster

        cluster = Cluster(workers, address)
    found = predict_in_parts(run, asked, engine=cluster, progress=Progress())
    return found.rows, found.bad
