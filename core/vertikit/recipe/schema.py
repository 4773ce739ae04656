"""The JSON Schema of a task's recipe, with the names that are registered here and now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from vertikit.errors import VertikitError
from vertikit.recipe.choices import BACKBONE
from vertikit.recipe.merging import CHOICES
from vertikit.recipe.model import Recipe
from vertikit.registry.component import Component
from vertikit.registry.loading import Registry
from vertikit.registry.options import options_of
from vertikit.task import Task

Schema = dict[str, Any]


def recipe_schema(task: Task, registry: Registry) -> Schema:
    """JSON Schema (2020-12) of what a recipe file may hold; `$defs.Row` describes a row of the task's data.

    Nothing is required: what a file leaves out has the task's default.
    """
    schema = Recipe.model_json_schema()
    schema.pop("required", None)
    schema["title"] = f"Recipe of {task.name}"
    properties = schema["properties"]
    for key, family in CHOICES.items():
        description = properties[key].get("description", "")
        properties[key] = {"description": description, "anyOf": list(_branches(key, family, registry))}
    properties["experts"]["items"] = {"anyOf": list(_branches("experts", "experts", registry))}
    steps = schema["$defs"]["Compression"]["properties"]["steps"]
    steps["items"] = {"anyOf": list(_branches("compress.steps", "compressors", registry))}
    properties["primary"]["anyOf"] = [{"enum": [*registry.names("metrics"), None]}]
    properties["metrics"]["items"] = {"enum": registry.names("metrics")}
    properties["baselines"]["anyOf"] = [
        {"type": "array", "items": {"enum": registry.names("baselines")}},
        {"type": "null"},
    ]
    properties["blend"]["anyOf"] = [{"enum": [*registry.names("baselines"), None]}]
    explainers = {"enum": [*registry.names("explainers"), None]}
    schema["$defs"]["PictureChoice"]["properties"]["explain"]["anyOf"] = [explainers]
    splits = {"enum": ["auto", *registry.names("splits")]}
    definitions = schema["$defs"]
    definitions["SplitChoice"]["properties"]["name"].update(splits)
    properties["split"] = {"anyOf": [{"$ref": "#/$defs/SplitChoice"}, splits]}
    definitions.pop("Choice", None)
    definitions["Row"] = {
        "type": "object",
        "description": f"a row of the data of {task.name}",
        "properties": {column.name: column.json_schema() for column in task.columns},
        "required": [column.name for column in task.columns if column.required],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _branches(key: str, family: str, registry: Registry) -> Iterator[Schema]:
    """A bare name, or a mapping with the options of the component named."""
    yield {"enum": registry.names(family)}
    if key == BACKBONE:
        where = {"type": "string", "description": "a local folder, or a Hub id"}
        yield where
        yield {
            "type": "object",
            "properties": {"name": {**where, "not": {"enum": registry.names(family)}}},
            "required": ["name"],
        }
    for component in registry.components(family):
        options, open_ended = _options(component)
        yield {
            "type": "object",
            "description": component.summary,
            "properties": {"name": {"const": component.name}, **options},
            # Without a name, the options are those of the component that the task chose.
            "additionalProperties": open_ended,
        }


def _options(component: Component) -> tuple[Schema, bool]:
    try:
        options = options_of(component)
    except VertikitError:
        return {}, True  # not importable here, so its options are not known
    return {name: _option(option) for name, option in options.known.items()}, options.open_ended


def _option(option: Any) -> Schema:
    try:
        schema = TypeAdapter(option.hint).json_schema()
    except (PydanticUserError, TypeError):
        schema = {}
    if option.help:
        schema["description"] = option.help
    if not option.required:
        schema["default"] = option.default
    return schema
