"""A recipe as YAML: bare for a run's folder, with comments for a person to start from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from vertikit.recipe.choices import choice_options, strategy_defaults
from vertikit.recipe.dialect import write, write_inline
from vertikit.recipe.merging import CHOICES, section
from vertikit.recipe.model import Choice, Recipe
from vertikit.recipe.resolving import resolve_recipe
from vertikit.registry.loading import Registry
from vertikit.task import Task

LINE = 110


def dump_recipe(recipe: Recipe) -> str:
    """YAML that loads back to an equal recipe."""
    return write(plain_recipe(recipe))


def plain_recipe(recipe: Recipe) -> dict[str, Any]:
    """The recipe as a mapping of plain values; a component without options is its bare name."""
    values = recipe.model_dump(mode="python")
    for key in CHOICES:
        values[key] = _bare(values[key])
    for holder, key in ((values, "experts"), (values["compress"], "steps")):
        holder[key] = [_bare(each) for each in holder[key]]
    return values


def _bare(choice: dict[str, Any]) -> Any:
    return choice["name"] if set(choice) == {"name"} else choice


def commented_recipe(task: Task, registry: Registry) -> str:
    """The task's default recipe in full, each key with what it means; loads back to an equal recipe."""
    recipe = resolve_recipe(task, registry, layers=[])
    own = _without(strategy_defaults({"strategy": recipe.strategy.name}, registry), task.recipe)
    protocol = {"primary": task.protocol.primary, "baselines": ", ".join(task.protocol.baselines)}
    lines = [
        f"# The default recipe of {task.name}, in full. Keep the lines that you change and remove the others:",
        "# what is left out has its default. Then: vertikit train "
        f"{task.name} --data FILE --recipe THIS_FILE",
        "# Lines marked * suit the strategy; another strategy brings its own, unless they stay here.",
        "",
    ]
    for key in Recipe.model_fields:
        value = getattr(recipe, key)
        if isinstance(value, Choice):
            lines += _choice(key, value, registry, task.modalities)
        elif isinstance(value, BaseModel):
            lines += _section(key, value, own.get(key, {}))
        elif key == "experts":
            lines += _line(key, plain_recipe(recipe)[key], _meaning(Recipe, key, own))
        else:
            meaning = _meaning(Recipe, key, own)
            lines += _line(key, value, f"{meaning} ({protocol[key]})" if key in protocol else meaning)
    text = "\n".join(lines) + "\n"
    return text.replace("\n\n\n", "\n\n")


def _without(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The strategy's values that the task's recipe does not lie over."""
    left = {}
    for key, value in values.items():
        upper = over.get(key)
        if isinstance(value, Mapping) and isinstance(upper, Mapping):
            left[key] = _without(value, upper)
        elif key not in over:
            left[key] = value
    return left


def _choice(key: str, choice: Choice, registry: Registry, modalities: Collection[str]) -> Iterator[str]:
    yield ""
    description = Recipe.model_fields[key].description
    yield f"# {description}; registered: {', '.join(registry.names(CHOICES[key]))}"
    component = registry.find(CHOICES[key], choice.name)
    yield f"{key}:"
    yield from _line("name", choice.name, component.summary if component else "", "  ")
    known = choice_options(key, choice.name, registry, modalities)
    for name, value in choice.options.items():
        yield from _line(name, value, known[name].help if name in known else "", "  ")
    yield ""


def _section(key: str, values: BaseModel, own: Any) -> Iterator[str]:
    yield ""
    yield f"{key}:"
    given: Mapping[str, Any] = own if isinstance(own, Mapping) else {}
    for name in type(values).model_fields:
        meaning = _meaning(type(values), name, given)
        yield from _line(name, getattr(values, name), meaning, "  ")
    yield ""


def _meaning(model: type[BaseModel], key: str, own: Mapping[str, Any]) -> str:
    mark = "* " if key in own and section(model, key) is None else ""
    return mark + (model.model_fields[key].description or "")


def _line(key: str, value: Any, comment: str, indent: str = "") -> Iterator[str]:
    line = f"{indent}{key}: {write_inline(value)}"
    comment = " ".join(comment.split()).removesuffix(".")
    if not comment:
        yield line
    elif len(line) + len(comment) + 4 <= LINE:
        yield f"{line}  # {comment}"
    else:
        yield f"{indent}# {comment}"
        yield line
