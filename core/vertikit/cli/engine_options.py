"""The options of verbs whose work a cluster can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from vertikit.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def engine_options(command: Command) -> Command:
    """`--engine`, `--workers` and `--address`."""
    for option in (
        click.option(
            "--address", metavar="ADDRESS", help="Of the cluster; by default one is started on this machine."
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 10_000),
            metavar="N",
            help="Processes that the engine works with.",
        ),
        click.option("--engine", type=click.Choice(["ray"]), help="Let a Ray cluster do the work."),
    ):
        command = option(command)
    return command


def check_engine(engine: str | None, workers: int | None, address: str | None) -> None:
    """UsageError where what is of an engine is given without one."""
    if engine is None and (workers is not None or address is not None):
        raise UsageError("--workers and --address are of an engine.", "Give --engine ray as well.")
