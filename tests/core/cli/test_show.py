"""`vertikit show`: cards of tasks and components."""

import json
from pathlib import Path

import pytest

from tests.core.cli.conftest import Type
from tests.core.registry.faking import FakePlugins
from vertikit.recipe.dialect import read
from vertikit.registry import registry

pytestmark = pytest.mark.usefixtures("toys")


def test_a_tasks_card_says_what_it_wants_how_it_judges_and_what_it_does(type_in: Type) -> None:
    card = type_in("show", "toy/task").out
    for part in (
        "Sorts toys.",
        "free text; required. What is said.",
        "required to train and to judge",
        "share: of right answers",
        "coin: a coin",
        "even: every second one",
        "reads with     tiny: a tiny encoder",
        "learns by      slow: slowly",
        "at most 50 passes over the training rows, fewer when 7 in a row bring nothing",
        "68 % of the rows; 12 % choose settings, 20 % are kept for the test",
        "vertikit train toy/task --data rows.csv",
    ):
        assert part in card
    assert "vertikit demo" not in card, "the task has no sample"


def test_a_tasks_card_as_json_has_the_promised_keys(type_in: Type) -> None:
    card = json.loads(type_in("show", "toy/task", "--json").out)
    assert set(card) >= {"name", "summary", "inputs", "targets", "protocol", "recipe", "requires"}
    assert {key: card["inputs"][0][key] for key in ("name", "type", "required", "help")} == {
        "name": "text",
        "type": "text",
        "required": True,
        "help": "what is said",
    }
    assert card["targets"][0]["name"] == "kind" and card["targets"][0]["type"] == "label"
    assert card["protocol"]["primary"] == "share"
    assert card["recipe"]["policy"] == {"name": "ask", "top": 5, "risk": 0.1, "sure": False}
    assert "problem" not in card


def test_the_recipe_is_yaml_to_start_from_and_the_schema_is_json(type_in: Type) -> None:
    assert read(type_in("show", "toy/task", "--recipe").out)["epochs"] == 50
    assert json.loads(type_in("show", "toy/task", "--schema").out)["title"] == "Recipe of toy/task"


def test_a_recipe_that_cannot_be_resolved_is_told_in_the_card(toys: FakePlugins, type_in: Type) -> None:
    from tests.core.recipe.conftest import TOYS

    code = TOYS.replace('"toy/task"', '"far/task"').replace('"strategy": "slow"', '"strategy": "gone"')
    for family in (
        "backbones",
        "strategies",
        "heads",
        "losses",
        "policies",
        "baselines",
        "metrics",
        "splits",
    ):
        code = code.replace(
            f"def register_{family}(register):", f"def register_{family}(register):\n    return"
        )
    toys.add("further", code)
    card = json.loads(type_in("show", "far/task", "--json").out)
    assert "there is no strategy 'gone'" in card["problem"]
    assert card["recipe"]["strategy"] == "gone", "the task's own part"
    typed = type_in("show", "far/task")
    assert typed.status == 0 and "gone: not installed" in typed.out


def test_a_task_whose_extra_is_missing_says_what_to_type(toys: FakePlugins, type_in: Type) -> None:
    from tests.core.cli.test_tasks import FURTHER

    toys.add("further", FURTHER)
    typed = type_in("show", "law/clauses")
    assert typed.status == 0 and 'pip install "law[all]"' in typed.out
    assert "law[all]" in json.loads(type_in("show", "law/clauses", "--json").out)["problem"]


def test_a_component_is_shown_with_plugin_options_and_how_to_use_it(type_in: Type) -> None:
    card = type_in("show", "fast").out
    for part in (
        "fast  (strategy)",
        "in haste.",
        "toys (toy-box 1.5)",
        "rank     whole number, default 8. of the update",
        "targets  list[str] or nothing, default null",
        "--set strategy=fast --set strategy.rank=8",
    ):
        assert part in card


def test_a_component_as_json_lists_options_with_types_and_defaults(type_in: Type) -> None:
    card = json.loads(type_in("show", "fast", "--json").out)
    assert card["kind"] == "strategy" and card["plugin"] == "toys"
    assert card["options"][0] == {
        "name": "rank",
        "type": "whole number",
        "required": False,
        "default": 8,
        "help": "of the update",
    }


def test_the_engines_parameters_are_not_shown_as_options(type_in: Type) -> None:
    assert [each["name"] for each in json.loads(type_in("show", "line", "--json").out)["options"]] == [
        "dropout"
    ]


BACKBONE = """
from vertikit.contracts import BackboneInfo


class Found:
    def __init__(self, name):
        self.name = name

    def info(self):
        return BackboneInfo(
            name=self.name, source="here", modality="text", pretrained=True, licence="mit", languages=("en", "de"),
            parameters=22713216, width=384, max_length=256, layers=6, adapter_targets=("query",), sha256="abc",
        )


@hookimpl
def register_backbones(register):
    register("found", lambda *, length=3: Found("found"), summary="an encoder")
    register("sourced", lambda *, source: Found("sourced"), summary="an encoder")
"""


def test_a_backbone_is_shown_with_what_its_weights_say(toys: FakePlugins, type_in: Type) -> None:
    toys.add("further", BACKBONE)
    card = type_in("show", "found").out
    for part in ("22,713,216", "384", "mit", "en, de", "256 tokens", "6, adapters on query", "sha256 abc"):
        assert part in card
    assert json.loads(type_in("show", "found", "--json").out)["info"]["parameters"] == 22713216


def test_a_folder_that_holds_an_encoder_can_be_shown(
    plugins: FakePlugins, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins.add("further", BACKBONE)
    monkeypatch.setenv("VERTIKIT_LOAD", "further")
    Path("model").mkdir()
    assert "22,713,216" in type_in("show", "./model").out
    assert json.loads(type_in("show", "./model", "--json").out)["info"]["width"] == 384


def test_a_backbone_that_is_not_here_is_shown_with_the_reason(toys: FakePlugins, type_in: Type) -> None:
    lost = BACKBONE.replace(
        "def info(self):",
        "def info(self):\n        from vertikit import UsageError\n        "
        + ("raise UsageError('the weights are not here.', 'Get them.')"),
    )
    toys.add("further", lost)
    typed = type_in("show", "found")
    assert typed.status == 0 and "the weights are not here. Get them." in typed.out
    card = json.loads(type_in("show", "found", "--json").out)
    assert card["info"] is None and card["problem"] == "the weights are not here. Get them."


def test_a_name_in_two_families_shows_both(toys: FakePlugins, type_in: Type) -> None:
    toys.add(
        "further",
        "@hookimpl\ndef register_losses(register):\n    register('line', lambda *, slope=1: None, summary='a slope')\n",
    )
    card = type_in("show", "line").out
    assert "line  (head)" in card and "line  (loss)" in card
    assert [each["kind"] for each in json.loads(type_in("show", "line", "--json").out)] == ["head", "loss"]


def test_a_metric_says_which_way_is_better(type_in: Type) -> None:
    assert json.loads(type_in("show", "share", "--json").out)["better"] == "higher"


def test_without_a_name_everything_is_listed(type_in: Type) -> None:
    typed = type_in("show")
    assert "strategies" in typed.out and "in haste" in typed.out
    listed = json.loads(type_in("show", "--json").out)
    assert [each["name"] for each in listed["strategies"]] == ["absent", "far", "fast", "slow"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fasd"], "Did you mean 'fast' (of plugin 'toys')?"),
        (["toy/tusk"], "Did you mean 'toy/task' (of plugin 'toys')?"),
        (["nothing-like-it"], "Known: toy/task, any, tiny"),
        (["fast", "--recipe"], "'fast' is a strategy; only a task has a recipe."),
        (["toy/tusk", "--recipe"], "Did you mean 'toy/task'"),
        (["--recipe"], "a recipe belongs to a task."),
        (["toy/task", "--recipe", "--json"], "exclude one another"),
    ],
)
def test_what_cannot_be_shown_is_a_usage_error(type_in: Type, arguments: list[str], said: str) -> None:
    typed = type_in("show", *arguments)
    assert typed.status == 2 and typed.out == ""
    assert said in typed.err


def test_every_installed_name_has_a_card(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERTIKIT_LOAD")
    known = registry()
    names = {
        each.name for family in ("tasks", "loaders", "splits", "metrics") for each in known.components(family)
    }
    assert len(names) >= 15
    for name in names:
        assert type_in("show", name).status == 0, name
