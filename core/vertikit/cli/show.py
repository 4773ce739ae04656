"""`vertikit show NAME`: a task's card, or what a component is and which options it has."""

from __future__ import annotations

from pathlib import Path

import click

from vertikit.cli import component_card, task_card
from vertikit.cli.printing import entries, heading, print_json
from vertikit.cli.task_json import task_json
from vertikit.errors import UsageError
from vertikit.registry import FAMILIES, Component, Registry, registry
from vertikit.registry.plugin import who_offers


@click.command()
@click.argument("name", required=False)
@click.option("--recipe", "as_recipe", is_flag=True, help="Print the task's default recipe, commented.")
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON Schema of the task's recipe.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str | None, as_recipe: bool, as_schema: bool, as_json: bool) -> None:
    """Explain NAME, a task or a component; without NAME, list all there are."""
    if as_recipe + as_schema + as_json > 1:
        raise UsageError("--recipe, --schema and --json exclude one another.", "Give one of them.")
    known = registry()
    if name is None:
        if as_recipe or as_schema:
            raise UsageError("a recipe belongs to a task.", "Name one: `vertikit tasks` lists them.")
        _list(known, as_json)
        return
    found = [known.find(family, name) for family in FAMILIES]
    components = [component for component in found if component is not None]
    if as_recipe or as_schema:
        _print_recipe(name, components, known, as_schema)
    elif not components and Path(name).expanduser().is_dir():
        component_card.show_folder(name, known, as_json)
    elif not components:
        everything = [each for family in FAMILIES for each in known.components(family)]
        hint = who_offers(name, everything) or "`vertikit show` lists all names."
        raise UsageError(f"there is no task or component {name!r}.", hint)
    elif as_json:
        cards = [_as_json(component, known) for component in components]
        print_json(cards[0] if len(cards) == 1 else cards)
    else:
        for number, component in enumerate(components):
            if number:
                click.echo()
            if component.family == "tasks":
                task_card.show_task(component, known)
            else:
                component_card.show_component(component, known)


def _as_json(component: Component, known: Registry) -> object:
    if component.family == "tasks":
        return task_json(component, known)
    return component_card.component_json(component, known)


def _print_recipe(name: str, components: list[Component], known: Registry, schema: bool) -> None:
    if components and all(component.family != "tasks" for component in components):
        word = FAMILIES[components[0].family]
        raise UsageError(f"{name!r} is a {word}; only a task has a recipe.", "`vertikit tasks` lists them.")
    from vertikit.recipe import commented_recipe
    from vertikit.recipe.schema import recipe_schema

    task = known.task(name)
    if schema:
        print_json(recipe_schema(task, known))
    else:
        click.echo(commented_recipe(task, known), nl=False)


def _list(known: Registry, as_json: bool) -> None:
    families = {family: known.components(family) for family in FAMILIES}
    if as_json:
        print_json(
            {
                family: [
                    {"name": each.name, "plugin": each.plugin, "summary": each.summary} for each in members
                ]
                for family, members in families.items()
            }
        )
        return
    for family, members in families.items():
        heading(family)
        entries([(each.name, each.summary) for each in members] or [("none", "")])
