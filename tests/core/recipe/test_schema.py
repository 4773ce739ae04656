"""The JSON Schema of a recipe names what is registered."""

from typing import Any

from vertikit.recipe.schema import recipe_schema
from vertikit.registry import Registry
from vertikit.task import Task


def branch(schema: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each
        for each in schema["properties"][key]["anyOf"]
        if each.get("properties", {}).get("name", {}).get("const") == name
    )
    return found


def test_components_are_enums_and_their_options_have_types_and_defaults(task: Task, known: Registry) -> None:
    schema = recipe_schema(task, known)
    assert schema["properties"]["strategy"]["anyOf"][0] == {"enum": ["absent", "far", "fast", "slow"]}
    fast = branch(schema, "strategy", "fast")
    assert fast["properties"]["rank"] == {"type": "integer", "description": "of the update", "default": 8}
    assert fast["additionalProperties"] is False
    assert branch(schema, "loss", "open")["additionalProperties"] is True
    assert branch(schema, "strategy", "absent")["additionalProperties"] is True, "its options are not known"


def test_names_without_options_are_enums_too(task: Task, known: Registry) -> None:
    schema = recipe_schema(task, known)
    assert schema["properties"]["primary"]["anyOf"] == [{"enum": ["other", "share", None]}]
    assert schema["properties"]["baselines"]["anyOf"][0]["items"] == {"enum": ["coin", "dice"]}
    assert schema["$defs"]["SplitChoice"]["properties"]["name"]["enum"] == ["auto", "even"]


def test_nothing_is_required_of_a_file_and_every_reference_is_there(task: Task, known: Registry) -> None:
    import json
    import re

    schema = recipe_schema(task, known)
    assert "required" not in schema
    text = json.dumps(schema)
    assert set(re.findall(r"#/\$defs/(\w+)", text)) <= set(schema["$defs"])


def test_a_row_of_the_tasks_data_is_described(task: Task, known: Registry) -> None:
    row = recipe_schema(task, known)["$defs"]["Row"]
    assert row["required"] == ["text", "kind"]
    assert row["properties"]["text"] == {"type": "string", "description": "what is said"}
