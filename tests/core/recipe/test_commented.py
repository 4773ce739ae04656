"""A recipe on paper loads back to itself."""

from typing import Any

import pytest
import yaml

from vertikit.recipe import Recipe, commented_recipe, dump_recipe, resolve_recipe
from vertikit.recipe.dialect import read, write
from vertikit.registry import Registry
from vertikit.task import Task


@pytest.mark.parametrize(
    "layer",
    [
        {},
        {
            "strategy": {"name": "fast", "targets": ["query", "1e-3", "no", "null"]},
            "optimiser": {"rate": 1e-7},
        },
        {"optimiser": {"max_gradient": float("inf")}, "evaluation": {"learning_curve": [0.1, 0.5]}},
        {"backbone": {"name": "owner/näme".replace("ä", "a")}, "baselines": [], "threads": 3},
        {"loss": {"name": "open", "nested": {"a": [1, None, "x: y # z"]}, "text": "ö\nline"}},
    ],
)
def test_a_dumped_recipe_loads_back_to_an_equal_one(
    task: Task, known: Registry, layer: dict[str, Any]
) -> None:
    recipe = resolve_recipe(task, known, layers=[layer])
    text = dump_recipe(recipe)
    assert Recipe.model_validate(read(text)) == recipe
    assert Recipe.model_validate(yaml.safe_load(text)) == recipe, "for any YAML reader"
    assert resolve_recipe(task, known, layers=[read(text)]) == recipe


def test_a_dumped_recipe_writes_a_component_without_options_as_its_name(task: Task, known: Registry) -> None:
    assert "\nstrategy: slow\n" in dump_recipe(resolve_recipe(task, known, layers=[]))


def test_a_commented_recipe_loads_back_to_the_default_one(task: Task, known: Registry) -> None:
    text = commented_recipe(task, known)
    recipe = resolve_recipe(task, known, layers=[])
    assert Recipe.model_validate(read(text)) == recipe
    assert resolve_recipe(task, known, layers=[read(text)]) == recipe


def test_a_commented_recipe_explains_every_key_and_option(task: Task, known: Registry) -> None:
    text = commented_recipe(task, known)
    assert "epochs: 50  # * passes over the training rows" in text, "marked: it suits the strategy"
    assert "patience: 7  # epochs without" in text, "the task's own, so not marked"
    assert "  length: 16  # of a window\n" in text
    assert "registered: any, tiny" in text
    assert "primary: null  # the metric that decides; without one, the protocol's (share)" in text
    for name, field in Recipe.model_fields.items():
        assert f"\n{name}:" in text
        assert (field.description or "") in text


@pytest.mark.parametrize(
    "value",
    [
        "1e-3",
        "no",
        "True",
        "010",
        "12:30",
        "~",
        "",
        "2020-01-01",
        ".inf",
        "a: b",
        "ä",
        1e-9,
        10**20,
        -0.5,
        None,
        True,
    ],
)
def test_the_dialect_reads_what_it_writes_and_so_do_others(value: object) -> None:
    text = write({"key": value})
    assert read(text) == yaml.safe_load(text) == {"key": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("no", "no"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("1_000", 1000),
        ("2020-01-01", "2020-01-01"),
    ],
)
def test_the_dialect_follows_yaml_1_2_where_recipes_need_it(text: str, value: object) -> None:
    assert read(text) == value
