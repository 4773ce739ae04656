"""The options that say how to train, and the layers of the recipe that they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def recipe_options(command: Command) -> Command:
    """`--recipe`, `--set`, `--seed` and `--allow-leaks`."""
    for option in (
        click.option(
            "--allow-leaks", is_flag=True, help="Keep copies and conflicts; the report says so in red."
        ),
        click.option(
            "--seed", type=int, metavar="N", help="The same data, recipe and seed give the same numbers."
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="Set a key of the recipe, for instance epochs=5 or optimiser.rate=0.001.",
        ),
        click.option(
            "--recipe",
            "recipe_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A YAML file of such keys (`vertikit show TASK --recipe`).",
        ),
    ):
        command = option(command)
    return command


def read_layers(
    recipe_file: Path | None, settings: Sequence[str], seed: int | None, allow_leaks: bool
) -> list[dict[str, Any]]:
    """The layers over the task's own recipe, lowest first; UsageError where one cannot be read."""
    from vertikit.recipe.layers import load_recipe_file, parse_set

    layers = [load_recipe_file(recipe_file)] if recipe_file is not None else []
    layers.append(parse_set(settings))
    if seed is not None:
        layers.append({"seed": seed})
    if allow_leaks:
        layers.append({"allow_leaks": True})
    return [layer for layer in layers if layer]
