"""A task's card as data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vertikit.columns import Column
from vertikit.errors import VertikitError
from vertikit.registry import Component, Registry
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.recipe import Recipe


def task_json(component: Component, known: Registry) -> dict[str, Any]:
    """The card as data. `recipe` is resolved; where it cannot be, it is the task's own part and `problem` says why."""
    if component.missing():
        return {
            "name": component.name,
            "summary": component.summary,
            "requires": list(component.requires),
            "problem": f"Install what is missing: {component.installing}",
        }
    task = known.task(component.name)
    recipe, problem = _recipe(task, known)
    protocol = task.protocol
    if recipe is None:
        plain: Any = dict(task.recipe)
    else:
        from vertikit.recipe.commented import plain_recipe

        plain = plain_recipe(recipe)
    return {
        "name": task.name,
        "summary": task.summary,
        "inputs": [_column_json(column) for column in task.inputs],
        "targets": [_column_json(column) for column in task.targets],
        "further": [
            {"role": column.role, **_column_json(column)}
            for column in task.columns
            if column.role not in ("input", "target")
        ],
        "protocol": {
            "why": protocol.why,
            "splits": list(protocol.splits),
            "primary": protocol.primary,
            "metrics": list(protocol.metrics),
            "baselines": list(protocol.baselines),
            "bars": [asdict(bar) for bar in protocol.bars],
            "probes": [{"name": probe.name, "says": probe.says} for probe in protocol.probes],
            **({"on_numbers": {"primary": task.on_numbers.protocol.primary}} if task.on_numbers else {}),
        },
        "recipe": plain,
        "requires": list(component.requires),
        "plugin": component.plugin,
        **({"problem": problem} if problem else {}),
    }


def _column_json(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type_name,
        "required": column.required,
        "help": column.help,
        "private": column.private,
        "aliases": list(column.aliases),
    }


def _recipe(task: Task, known: Registry) -> tuple[Recipe | None, str]:
    from vertikit.recipe import resolve_recipe

    try:
        return resolve_recipe(task, known, layers=[]), ""
    except VertikitError as error:
        return None, " ".join([error.what, *error.details, error.do])
