from __future__ import annotations

import click


@click.command()
@click.option("--court", help="Of which court.")
def docket(court):
    """Print the docket of a court."""
    click.echo(court)


@click.command()
@click.option("--court")
def silent(court):
    """Print the docket of a court."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("rest", nargs=-1)
def lenient(rest):
    """Print the docket of a court."""


def plain():
    """No command at all."""


SOUND = docket
BROKEN = {"command": plain, "help": silent, "misspelt": lenient}
