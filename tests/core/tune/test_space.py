"""What is tried of a recipe."""

from __future__ import annotations

import pytest

from vertikit import UsageError
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry
from vertikit.tune.space import Knob, knobs, layer, value_of


def recipe(task="medical/diagnosis", **more):
    return resolve_recipe(registry().task(task), registry(), layers=[more] if more else [])


def keys(found):
    return {knob.key for knob in found}


def test_a_frozen_encoder_has_no_rate_and_an_adapter_has_a_rank():
    frozen = keys(knobs(recipe(), registry(), "classes", []))
    assert {"optimiser.rate", "batch.rows", "class_weights", "head.dropout"} <= frozen
    assert "optimiser.encoder_rate" not in frozen
    lora = keys(knobs(recipe(strategy="lora"), registry(), "classes", []))
    assert lora >= frozen | {"optimiser.encoder_rate", "strategy.rank", "strategy.dropout"}


def test_rates_reach_from_a_tenth_of_the_recipes_to_ten_times_it():
    own = recipe(optimiser={"rate": 0.004})
    [rate] = [knob for knob in knobs(own, registry(), "classes", []) if knob.key == "optimiser.rate"]
    assert (rate.low, rate.high, rate.log) == (pytest.approx(0.0004), pytest.approx(0.04), True)
    assert rate.holds(0.004) and not rate.holds(0.05)


def test_numbers_have_no_class_weights():
    assert "class_weights" not in keys(knobs(recipe(), registry(), "numbers", []))


def test_a_head_that_is_fitted_has_nothing_to_tune_until_it_is_said():
    own = recipe("manufacturing/quality")
    with pytest.raises(UsageError, match="nothing to tune"):
        knobs(own, registry(), "classes", [])
    assert keys(knobs(own, registry(), "classes", ["backbone.size=[48, 64]"])) == {"backbone.size"}


@pytest.mark.parametrize(
    ("wish", "knob"),
    [
        ("optimiser.rate=1e-4..1e-2", Knob("optimiser.rate", low=1e-4, high=1e-2, log=True)),
        ("epochs=2..6", Knob("epochs", low=2, high=6, whole=True)),
        ("head.dropout = 0 .. 0.3", Knob("head.dropout", low=0, high=0.3)),
        ("loss=[cross-entropy, focal]", Knob("loss", choices=("cross-entropy", "focal"))),
    ],
)
def test_what_the_user_asks_for_takes_the_place_of_what_is_there(wish, knob):
    found = {each.key: each for each in knobs(recipe(), registry(), "classes", [wish])}
    assert found[knob.key] == knob


@pytest.mark.parametrize(
    "wish",
    ["epochs", "epochs=3", "epochs=6..2", "epochs=[3]", "epochs=[3", "epochs=a..b", "=1..2", "epochs=1..inf"],
)
def test_a_wish_that_cannot_be_read_is_one_line(wish):
    with pytest.raises(UsageError, match="--space"):
        knobs(recipe(), registry(), "classes", [wish])


def test_values_by_key_are_a_layer_and_are_found_again():
    found = layer({"head.dropout": 0.1, "epochs": 3, "head.standardise": "each"})
    assert found == {"head": {"dropout": 0.1, "standardise": "each"}, "epochs": 3}
    own = recipe(**found)
    assert value_of(own, "head.dropout") == 0.1
    assert value_of(own, "head.nothing.there") is None
