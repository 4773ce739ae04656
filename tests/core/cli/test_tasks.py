"""`vertikit tasks`."""

import json

import pytest

from tests.core.cli.conftest import Type
from tests.core.registry.faking import FakePlugins
from vertikit.registry import registry

FURTHER = """
@hookimpl
def register_tasks(register):
    register(
        "law/clauses", "no_such_module_here:TASK", summary="names clauses",
        requires="no-such-distribution-here", install='pip install "law[all]"',
    )
"""


def test_tasks_are_listed_by_trade_with_their_summary(toys: FakePlugins, type_in: Type) -> None:
    toys.add("further", FURTHER)
    typed = type_in("tasks")
    assert typed.status == 0
    assert typed.out.splitlines()[:4] == [
        "law",
        '  law/clauses  names clauses. Needs: pip install "law[all]"',
        "toy",
        "  toy/task  sorts toys.",
    ]


def test_one_trade_can_be_asked_for(toys: FakePlugins, type_in: Type) -> None:
    toys.add("further", FURTHER)
    typed = type_in("tasks", "toy", "--json")
    assert [each["name"] for each in json.loads(typed.out)] == ["toy/task"]


def test_json_says_what_is_missing_and_what_to_type(toys: FakePlugins, type_in: Type) -> None:
    toys.add("further", FURTHER)
    law, toy = json.loads(type_in("tasks", "--json").out)
    assert law["missing"] == ["no-such-distribution-here"] and law["install"] == 'pip install "law[all]"'
    assert toy == {
        "name": "toy/task",
        "summary": "sorts toys",
        "plugin": "toys",
        "requires": [],
        "missing": [],
        "install": "",
    }


@pytest.mark.usefixtures("toys")
def test_an_unknown_trade_is_corrected(type_in: Type) -> None:
    typed = type_in("tasks", "toi")
    assert typed.status == 2 and typed.errors == [
        "error: there is no vertical 'toi'.",
        "  Did you mean 'toy'?",
    ]


def test_a_broken_plugin_is_noted_on_standard_error_and_harms_nothing(
    toys: FakePlugins, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTIKIT_LOAD", "toys,broken")
    toys.add("broken", "1 / 0\n")
    typed = type_in("tasks", "--json")
    assert typed.status == 0
    assert [each["name"] for each in json.loads(typed.out)] == ["toy/task"]
    assert len(typed.errors) == 1 and "'broken'" in typed.errors[0] and "ZeroDivisionError" in typed.errors[0]


def test_where_there_are_none_the_next_step_is_named(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTIKIT_LOAD", "")
    assert "vertikit plugins" in type_in("tasks").out


def test_the_demo_without_a_name_is_the_task_that_asks_to_be_shown() -> None:
    from vertikit.cli.demo import _showcase

    assert _showcase(registry()).name == "medical/diagnosis"
    assert registry().names("tasks")[0] != "medical/diagnosis", "the first by name would do as well"
