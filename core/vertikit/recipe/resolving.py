"""From layers to one recipe, checked whole against the model, the registry and the components' signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from vertikit.errors import UsageError
from vertikit.recipe.choices import check_choice, check_choices, check_names, strategy_defaults
from vertikit.recipe.merging import CHOICES, lay_over
from vertikit.recipe.model import Recipe
from vertikit.recipe.problems import Problem, from_pydantic, truths_for_numbers
from vertikit.registry.loading import Registry
from vertikit.task import Task


def resolve_recipe(task: Task, registry: Registry, *, layers: Sequence[Mapping[str, Any]]) -> Recipe:
    """The recipe of a training: defaults < the strategy's < the task's < each of `layers` in order.

    Options that no layer sets stand in it with their defaults, so that it means the same when a
    component's defaults change later. UsageError lists everything that is wrong at once.
    """
    merged: dict[str, Any] = dict(task.recipe)
    for layer in layers:
        merged = lay_over(merged, layer)
    merged = lay_over(strategy_defaults(merged, registry), merged)

    problems: list[Problem] = []
    known: list[str] = []
    for key, family in CHOICES.items():
        merged[key], found, options = check_choice(key, family, merged.get(key), registry, task.modalities)
        problems += found
        known += options
    merged["experts"], found = check_choices("experts", "experts", merged.get("experts", []), registry)
    problems += found
    compress = merged.get("compress")
    if isinstance(compress, Mapping) and "steps" in compress:
        steps, found = check_choices("compress.steps", "compressors", compress["steps"], registry)
        merged["compress"] = {**compress, "steps": steps}
        problems += found
    problems += check_names(task, merged, registry)
    problems += truths_for_numbers(merged)
    try:
        recipe = Recipe.model_validate(merged)
    except ValidationError as error:
        problems += from_pydantic(error, known)
    if problems:
        first_of_each = {problem.key: problem for problem in reversed(problems)}
        raise _refusal(task, list(reversed(first_of_each.values())))
    return recipe


def draft_recipe(task: Task, registry: Registry) -> Recipe:
    """The default recipe with nothing checked and no options filled in, for a card: of the components, only
    the strategy is imported. UsageError where the task names too little.
    """
    merged = lay_over(strategy_defaults(task.recipe, registry), task.recipe)
    try:
        return Recipe.model_validate(merged)
    except ValidationError as error:
        raise _refusal(task, from_pydantic(error)) from None


def _refusal(task: Task, problems: list[Problem]) -> UsageError:
    do = f"`vertikit show {task.name} --recipe` prints every key with its meaning."
    if len(problems) == 1:
        return UsageError(
            f"the recipe is wrong at {problems[0].key}: {problems[0].what}", problems[0].do or do
        )
    return UsageError(
        f"the recipe is wrong at {len(problems)} keys:", do, details=[str(problem) for problem in problems]
    )
