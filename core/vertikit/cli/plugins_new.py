"""`vertikit plugins new NAME`: a plugin of one's own to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.errors import UsageError
from vertikit.registry import registry
from vertikit.template import NewPlugin, write_plugin


@click.command("new")
@click.argument("name")
@click.option("--task", default="clauses", show_default=True, metavar="NAME", help="What comes behind NAME/.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to; vertikit-NAME here."
)
def new_plugin(name: str, task: str, output: Path | None) -> None:
    """Write a plugin of your own to begin with: a task, a head, a metric, sample data, tests."""
    new = NewPlugin(name, task)
    taken = next((each for each in registry().plugins if each.name == name), None)
    if taken is not None:
        raise UsageError(
            f"plugin {name!r} is installed already (from {taken.distribution} {taken.version}).",
            "Choose another name.",
        )
    folder = Path(new.distribution) if output is None else output
    for path in write_plugin(new, folder):
        click.echo(folder / path)
    click.echo("", err=True)
    click.echo(f'Next:\n  cd {folder} && pip install -e ".[test]" && pytest', err=True)
    click.echo(f"  vertikit demo {name}/{task}", err=True)
