"""`vertikit export RUN`: a folder that answers without the kit."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli.data_options import DataCommand, column_options, read_mapping


@click.command(cls=DataCommand)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--format", "kind", default="onnx", metavar="NAME", help="onnx (the default), or torch.")
@click.option(
    "--data", multiple=True, metavar="DATA", help="Rows to compare on; by default the task's sample."
)
@column_options
@click.option("--alone", is_flag=True, help="The model without the baseline that it is blended with.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, min_open=True),
    default=1e-3,
    show_default=True,
    metavar="NUMBER",
    help="By how much probabilities may differ from the run's (numbers: in standard deviations).",
)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="A new folder."
)
def export(
    run_folder: Path,
    kind: str,
    data: tuple[str, ...],
    mapping: tuple[str, ...],
    drop: tuple[str, ...],
    root: str,
    alone: bool,
    tolerance: float,
    output: Path,
) -> None:
    """Write RUN as a graph with everything around it: tokenizer, scaling, labels, thresholds, and a short predict.py.

    Rows are answered with the export and with the run, and an export that answers otherwise is refused.
    """
    roles = read_mapping(mapping)
    from vertikit.export.exporting import export as write
    from vertikit.progress import Progress
    from vertikit.run.run import load
    from vertikit.training import quiet_libraries

    run = load(run_folder)
    run.registry.get("exporters", kind).require()
    quiet_libraries()
    progress = Progress()
    made = write(
        run, kind, output, data=data or None, mapping=roles, drop=drop, root=root, alone=alone,
        tolerance=tolerance, tell=progress.line,
    )  # fmt: skip
    click.echo(f"answers differ {made.parity.told}")
    for each in made.left_out:
        click.echo(f"left out: {each}")
    largest = sorted(made.sizes.items(), key=lambda each: -each[1])[:3]
    click.echo(
        f"{sum(made.sizes.values()) / 1e6:.1f} MB: "
        + ", ".join(f"{name} {size / 1e6:.1f}" for name, size in largest)
    )
    if made.parity.seconds is not None:
        click.echo(f"first answer {made.parity.seconds:.1f} s after the start of predict.py")
        click.echo(f"\n  cd {made.folder} && python predict.py ROWS.csv answers.csv\n")
    click.echo(str(made.folder))
