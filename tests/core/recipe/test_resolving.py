"""Layers of a recipe come to one; all that is wrong with it is said at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vertikit.errors import UsageError
from vertikit.recipe import Recipe, resolve_recipe
from vertikit.registry import Registry
from vertikit.task import Task


def problems(task: Task, known: Registry, *layers: Mapping[str, Any]) -> list[str]:
    """What is said of a recipe, a line a problem."""
    with pytest.raises(UsageError) as error:
        resolve_recipe(task, known, layers=layers)
    wrong = error.value
    if wrong.details:
        return list(wrong.details)
    return [f"{wrong.what.removeprefix('the recipe is wrong at ')} {wrong.do}"]


def test_a_layer_lies_over_the_task_the_task_over_the_strategy_and_that_over_the_defaults(
    task: Task, known: Registry
) -> None:
    recipe = resolve_recipe(task, known, layers=[{"epochs": 4}, {"epochs": 5}])
    assert recipe.epochs == 5
    assert recipe.patience == 7, "the task's, over the strategy's 9"
    assert recipe.optimiser.rate == 0.5, "the strategy's, over 0.001"
    assert recipe.optimiser.warmup == 0.1, "the default"


def test_the_strategy_that_a_layer_names_brings_its_own_defaults(task: Task, known: Registry) -> None:
    recipe = resolve_recipe(task, known, layers=[{"strategy": "fast"}])
    assert (recipe.epochs, recipe.optimiser.rate) == (3, 0.001)
    assert recipe.strategy.name == "fast", "its defaults cannot name another strategy"


def test_sections_merge_key_by_key_and_an_empty_one_says_nothing(task: Task, known: Registry) -> None:
    layers: list[dict[str, Any]] = [
        {"optimiser": {"rate": 0.1}},
        {"optimiser": {"warmup": 0.3}},
        {"optimiser": None},
    ]
    recipe = resolve_recipe(task, known, layers=layers)
    assert (recipe.optimiser.rate, recipe.optimiser.warmup) == (0.1, 0.3)


def test_a_section_that_has_a_name_takes_it_bare(task: Task, known: Registry) -> None:
    recipe = resolve_recipe(
        task, known, layers=[{"split": {"test": 0.4}}, {"split": "even", "optimiser": "sgd"}]
    )
    assert (recipe.split.name, recipe.split.test) == ("even", 0.4)
    assert (recipe.optimiser.name, recipe.optimiser.rate) == ("sgd", 0.5)


@pytest.mark.parametrize(
    ("layers", "top", "risk"),
    [
        ([], 5, 0.1),
        ([{"policy": {"risk": 0.2}}], 5, 0.2),
        ([{"policy": {"name": "ask", "risk": 0.2}}], 5, 0.2),
        ([{"policy": "ask"}], 3, 0.1),
        ([{"policy": None}], 5, 0.1),
    ],
)
def test_options_merge_under_one_name_and_a_bare_name_begins_anew(
    task: Task, known: Registry, layers: list[dict[str, Any]], top: int, risk: float
) -> None:
    assert resolve_recipe(task, known, layers=layers).policy.options == {
        "top": top,
        "risk": risk,
        "sure": False,
    }


def test_the_options_of_one_component_do_not_outlive_it(task: Task, known: Registry) -> None:
    layers: list[dict[str, Any]] = [{"strategy": {"name": "fast", "rank": 2}}, {"strategy": {"name": "slow"}}]
    assert resolve_recipe(task, known, layers=layers).strategy.options == {}


def test_options_that_nobody_set_stand_there_with_their_defaults(task: Task, known: Registry) -> None:
    recipe = resolve_recipe(task, known, layers=[{"strategy": {"name": "fast", "rank": "16"}}])
    assert recipe.strategy.options == {"rank": 16, "alpha": 1.5, "targets": None}
    assert recipe.head.options == {"dropout": 0.1}, "width and labels are the engine's"


def test_resolving_a_resolved_recipe_changes_nothing(task: Task, known: Registry) -> None:
    recipe = resolve_recipe(task, known, layers=[{"strategy": "fast", "epochs": 2}])
    assert resolve_recipe(task, known, layers=[recipe.model_dump()]) == recipe


def test_layers_and_the_task_are_left_as_they_were(task: Task, known: Registry) -> None:
    layer: dict[str, Any] = {"policy": {"risk": 0.3}, "optimiser": {"rate": 0.2}}
    resolve_recipe(task, known, layers=[layer])
    assert layer == {"policy": {"risk": 0.3}, "optimiser": {"rate": 0.2}}
    assert task.recipe["policy"] == {"name": "ask", "top": 5}


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"optimizer": {"rate": 1}}, "optimizer: unknown key. Did you mean 'optimiser'?"),
        ({"optimiser": {"wormup": 1}}, "optimiser.wormup: unknown key. Did you mean 'optimiser.warmup'?"),
        ({"optimiser": {"lr": 1}}, "optimiser.lr: unknown key. Did you mean 'optimiser.rate'?"),
        ({"learning_rate": 1}, "learning_rate: unknown key. Did you mean 'optimiser.rate'?"),
        ({"warmup": 1}, "warmup: unknown key. Did you mean 'optimiser.warmup'?"),
        ({"batch": {"epochs": 1}}, "batch.epochs: unknown key. Did you mean 'epochs'?"),
        ({"strategy": "fast", "ranc": 1}, "ranc: unknown key. Did you mean 'strategy.rank'?"),
        ({"batch": {"xyz": 1}}, "batch.xyz: unknown key. Known: accumulate, rows, tokens."),
        ({3: 1}, "[3]: unknown key."),
        ({"epochs": 0}, "epochs: should be greater than or equal to 1, not 0."),
        (
            {"epochs": "many"},
            "epochs: should be a valid integer, unable to parse string as an integer, not 'many'.",
        ),
        ({"epochs": True}, "epochs: should be a number, not true."),
        ({"batch": {"rows": False}}, "batch.rows: should be a number, not false."),
        ({"epochs": None}, "epochs: should be a valid integer, not nothing."),
        ({"optimiser": {"name": "adamm"}}, "Did you mean 'adam'?"),
        ({"optimiser": 3}, "optimiser: holds keys of its own, not 3. Write `key: value` lines under it."),
        ({"device": "gpu"}, "device: 'gpu' is not among auto, cpu, cuda, cuda:N or mps."),
        ({"optimiser": {"rate": float("nan")}}, "optimiser.rate: should be a number, not nan."),
        (
            {"evaluation": {"learning_curve": [0.5, 2]}},
            "evaluation.learning_curve: shares lie between 0 and 1",
        ),
        (
            {"evaluation": {"learning_curve": [0.5, "x"]}},
            "evaluation.learning_curve[1]: should be a valid number",
        ),
        ({"head": "lime"}, "head: there is no head 'lime'. Did you mean 'line' (of plugin 'toys')?"),
        ({"head": 3}, "head: should be the name of a head, not 3. Known: line."),
        ({"head": {"name": ""}}, "head: should be the name of a head, not ''."),
        ({"head": ["line"]}, "head: should be the name of a head, not ['line']. Known: line."),
        (
            {"strategy": {"name": "fast", "rang": 1}},
            "strategy.rang: strategy 'fast' has no such option. Did you mean 'rank'?",
        ),
        (
            {"strategy": {"name": "slow", "rank": 1}},
            "strategy.rank: strategy 'slow' has no options. Leave it out.",
        ),
        ({"strategy": {"name": "fast", "rank": "x"}}, "strategy.rank: should be a valid integer"),
        ({"strategy": {"name": "fast", "rank": True}}, "strategy.rank: should be a number, not true."),
        ({"strategy": {"name": "fast", "rank": 0}}, "strategy: strategy 'fast' refuses: rank is below 1."),
        ({"strategy": {"name": "fast", "alpha": -1}}, "strategy.alpha: -1.0 is below 0. Try 1."),
        ({"head": {"dropout": 1}}, "head.dropout: should be less than 1, not 1."),
        ({"head": {"width": 3}}, "head.width: head 'line' has no such option. Known: dropout."),
        ({"strategy": "absent"}, "strategy: strategy 'absent' of plugin 'toys' cannot be imported"),
        (
            {"strategy": "far"},
            "strategy: strategy 'far' needs no-such-distribution-here. Install it: pip install",
        ),
        ({"baselines": ["coin", "dise"]}, "baselines[1]: there is no baseline 'dise'. Did you mean 'dice'"),
        ({"baselines": "coin"}, "baselines: should be a valid list, not 'coin'."),
        ({"primary": "shore"}, "primary: there is no metric 'shore'. Did you mean 'share'"),
        ({"split": "evn"}, "split.name: there is no split 'evn'. Did you mean 'even'"),
        (
            {"backbone": "tinny"},
            "Did you mean 'tiny'? It may also be a folder, or a Hub id such as owner/name.",
        ),
        ({"backbone": "any"}, "backbone.source: is missing: backbone 'any' needs it."),
    ],
)
def test_a_problem_names_the_key_and_what_to_write(
    task: Task, known: Registry, layer: dict[str, Any], said: str
) -> None:
    found = problems(task, known, layer)
    assert len(found) == 1
    assert said in found[0]


def test_all_problems_are_said_at_once_a_line_each(task: Task, known: Registry) -> None:
    layer = {
        "head": "lime",
        "epochs": 0,
        "optimizer": 1,
        "strategy": {"name": "fast", "rang": 1, "rank": "x"},
    }
    found = problems(task, known, layer)
    assert [line.partition(":")[0] for line in found] == [
        "strategy.rank",
        "strategy.rang",
        "head",
        "epochs",
        "optimizer",
    ]
    with pytest.raises(UsageError) as error:
        resolve_recipe(task, known, layers=[layer])
    assert error.value.what == "the recipe is wrong at 5 keys:"
    assert "vertikit show toy/task --recipe" in error.value.do
    assert all(line in str(error.value) for line in found)


def test_a_component_that_nobody_names_is_missing(task: Task, known: Registry) -> None:
    from dataclasses import replace

    bare = replace(task, recipe={key: value for key, value in task.recipe.items() if key != "head"})
    assert problems(bare, known) == ["head: is missing. Name one of: line."]


def test_a_protocol_with_a_metric_that_is_not_installed_is_a_problem(task: Task, known: Registry) -> None:
    from dataclasses import replace

    broken = replace(task, protocol=replace(task.protocol, metrics=("share", "gone"), baselines=("gone",)))
    found = problems(broken, known)
    assert found[0].startswith("baselines[0]: there is no baseline 'gone'.")
    assert found[1].startswith("protocol of toy/task: there is no metric 'gone'.")
    assert len(problems(broken, known, {"baselines": ["coin"]})) == 1, "the recipe's baselines replace them"


def test_an_option_of_a_component_that_takes_any_is_kept(task: Task, known: Registry) -> None:
    recipe = resolve_recipe(task, known, layers=[{"loss": {"name": "open", "gamma": 2}}])
    assert recipe.loss.options == {"gamma": 2}


def test_a_folder_and_a_hub_id_have_the_options_of_what_serves_them(
    task: Task, known: Registry, tmp_path: Path
) -> None:
    for name in (str(tmp_path), "owner/name"):
        recipe = resolve_recipe(task, known, layers=[{"backbone": {"name": name, "length": 8}}])
        assert recipe.backbone.options == {"length": 8}, "source is the name itself"
        assert problems(task, known, {"backbone": {"name": name, "mode": "mean"}})[0].startswith(
            "backbone.mode: "
        )


def test_a_long_value_is_cut_in_the_message(task: Task, known: Registry) -> None:
    assert len(problems(task, known, {"device": "x" * 10_000})[0]) < 200


def test_a_recipe_is_a_recipe(task: Task, known: Registry) -> None:
    assert isinstance(resolve_recipe(task, known, layers=[]), Recipe)
