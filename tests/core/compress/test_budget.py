"""Limits of a budget, and what a search within it may try."""

from __future__ import annotations

import pytest

from vertikit import UsageError
from vertikit.compress.budget import read_budget, told_of
from vertikit.compress.candidates import candidates
from vertikit.compress.steps import build_steps
from vertikit.recipe.model import Choice
from vertikit.registry import registry


def test_limits_are_read_with_their_units():
    limits = {each.what: each for each in read_budget("size<20MB, drop<1.0,ms < 5, speed>3x")}
    assert {what: each.value for what, each in limits.items()} == {
        "size": 2e7,
        "drop": 1,
        "ms": 5,
        "speed": 3,
    }
    assert limits["size"].met(19_999_999)
    assert not limits["size"].met(2e7)
    assert limits["speed"].met(3.1)
    assert not limits["speed"].met(3)
    assert limits["size"].excess(3e7) == pytest.approx(0.5)
    assert limits["speed"].excess(1.5) == pytest.approx(0.5)
    assert limits["drop"].excess(-4) == 0
    assert read_budget("size<300kB")[0].value == 3e5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size", "'size' is no limit"),
        ("weight<3", "'weight' cannot be limited"),
        ("size>3MB", "size has a limit on the other side"),
        ("size<3", "'' is no unit of size"),
        ("size<3MB,size<4MB", "size is there twice"),
        ("", "'' is no limit"),
        ("drop<nan", "'drop<nan' is no limit"),
    ],
)
def test_a_budget_that_says_nothing_is_refused_in_one_line(text, said):
    with pytest.raises(UsageError, match=said):
        read_budget(text)


def test_what_is_beyond_a_limit_is_said():
    limits = read_budget("size<20MB,drop<1.0")
    assert told_of(limits, {"size": 3.21e7, "drop": 0.4}) == "32.1 MB (beyond size<20MB), a drop of 0.40"
    assert told_of(limits, {"size": 1e6}) == "1.0 MB"


def test_a_search_goes_from_gentle_to_hard_with_what_costs_nothing_in_every_candidate():
    found = candidates(["trim", "layers", "int8"], registry())
    assert [[each["name"] for each in steps] for steps in found[:2]] == [["trim", "int8"]] * 2
    assert all(steps[-1]["name"] == "int8" and steps[0]["name"] == "trim" for steps in found)
    kept = [next(each["keep"] for each in steps if each["name"] == "layers") for steps in found[2:]]
    assert kept == sorted(kept, reverse=True)
    assert len({str(steps) for steps in found}) == len(found)
    both = candidates(["layers", "prune"], registry())
    assert all(len(steps) == 2 for steps in both)


def test_without_names_all_that_are_installed_are_tried_and_one_stands_last():
    found = candidates([], registry())
    names = {each["name"] for steps in found for each in steps}
    assert {"trim", "layers", "prune", "lowrank", "int8"} <= names
    assert "onnx" not in names
    assert all(sum(each["name"] in ("int8", "onnx") for each in steps) == 1 for steps in found)


def test_nothing_follows_a_step_after_which_an_encoder_stays_as_it_is():
    with pytest.raises(UsageError, match="layers cannot follow int8"):
        build_steps([Choice(name="int8"), Choice(name="layers")], registry())
