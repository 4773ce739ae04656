"""`vertikit watch RUN DATA`: have inputs, answers or quality of a deployed run moved since training?"""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import column_options, read_sources
from vertikit.cli.printing import entries, heading, paragraph, print_json, table


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("data", nargs=-1, metavar="DATA...")
@column_options
@click.option("--since", default="", metavar="TIME", help="Rows of this time and later alone: 2026-05-01.")
@click.option(
    "--alpha", type=click.FloatRange(0, 0.5, min_open=True), default=0.05, show_default=True,
    help="The chance of a false alarm that is taken, over all comparisons together.",
)  # fmt: skip
@click.option(
    "--psi", type=click.FloatRange(0, 10), default=0.1, show_default=True,
    help="The least shift that counts: PSI beyond what chance would give. 0.25 tells of large ones alone.",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(min=1), default=100_000, show_default=True,
    help="The most rows to look at, drawn at random of more.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="A new folder for page and numbers."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def watch(
    run_folder: Path,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    since: str,
    alpha: float,
    psi: float,
    rows: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compare new rows with what RUN was trained on: inputs, answers, and quality where labels have arrived.

    Exit status: 0 where nothing has moved, 3 where something has (beyond luck and by --psi, or a share by two points,
    or quality is lost), 1 where the work failed, 2 where the request is wrong.
    """
    sources = read_sources(data, mapping, drop, root=root)
    from vertikit.progress import Progress
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries
    from vertikit.watch.told import as_json as told
    from vertikit.watch.told import lines, sentences, todo
    from vertikit.watch.watching import MOVED
    from vertikit.watch.watching import watch as look
    from vertikit.watch.writing import folder

    run = load(run_folder)
    quiet_libraries()
    with folder(output) as write:
        found = look(
            run, data, mapping=sources.mapping, drop=sources.drop, root=sources.root, since=since, alpha=alpha,
            least=psi, rows=rows, progress=Progress(),
        )  # fmt: skip
        write(found)
    status = MOVED if found.alarms else 0
    if as_json:
        print_json(told(found))
        return status
    for at, each in enumerate(sentences(found)):
        paragraph(each, "" if not at else "  ")
    if shown := lines(found):
        click.echo()
        table(("what", "PSI", "by chance", "p, adjusted", ""), shown, "  ")
    if found.alarms:
        click.echo()
        heading("What to do")
        for each in todo(found, str(run_folder)):
            paragraph(each)
    if output is not None:
        click.echo()
        entries([("report", str(output / "report.html")), ("numbers", str(output / "watch.json"))])
    return status
