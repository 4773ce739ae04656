"""`vertikit plugins`."""

import json

import pytest

from tests.core.cli.conftest import Type
from tests.core.registry.faking import FakePlugins


@pytest.mark.usefixtures("toys")
def test_plugins_are_listed_with_version_state_and_what_they_register(type_in: Type) -> None:
    typed = type_in("plugins", "list")
    assert typed == type_in("plugins")
    assert "toys  ok\n" in typed.out
    assert "toy-box 1.5" in typed.out
    assert "any, tiny" in typed.out or "tiny, any" in typed.out
    assert "far (needs no-such-distribution-here)" in typed.out


def test_a_broken_one_has_reason_and_cure_and_the_status_is_0(toys: FakePlugins, type_in: Type) -> None:
    toys.add("broken", "import no_such_module_at_all\n")
    typed = type_in("plugins")
    assert typed.status == 0
    assert "broken  broken" in typed.out
    assert "no_such_module_at_all" in typed.out and "VERTIKIT_DISABLE=broken" in typed.out


@pytest.mark.usefixtures("toys")
def test_one_left_out_says_by_what(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTIKIT_DISABLE", "toys")
    assert "left out by VERTIKIT_DISABLE" in type_in("plugins").out


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("verb", [("plugins",), ("tasks",)])
def test_a_name_that_no_plugin_has_is_noted_with_the_nearest(
    type_in: Type, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    monkeypatch.setenv("VERTIKIT_LOAD", "toys")
    monkeypatch.setenv("VERTIKIT_DISABLE", "tois")
    typed = type_in(*verb)
    assert typed.status == 0
    assert typed.errors == [
        "note: VERTIKIT_DISABLE names 'tois', and no plugin is called so. Did you mean 'toys'?"
    ]


def test_json_holds_everything(toys: FakePlugins, type_in: Type) -> None:
    toys.add("broken", "1 / 0\n")
    for typed in (type_in("plugins", "--json"), type_in("plugins", "list", "--json")):
        found = {each["name"]: each for each in json.loads(typed.out)}
        assert found["broken"]["state"] == "broken" and found["broken"]["cure"]
        assert found["toys"]["registers"]["heads"] == [
            {"name": "line", "summary": "a line", "requires": [], "missing": []}
        ]
        assert (found["toys"]["distribution"], found["toys"]["version"]) == ("toy-box", "1.5")
