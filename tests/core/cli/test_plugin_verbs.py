"""A plugin's own verb: listed, run, and kept from harming others."""

import pytest

from tests.core.cli.conftest import Type
from tests.core.registry.faking import FakePlugins

VERB = """
import click

@click.command()
@click.argument("court", required=False)
@click.option("--break", "how", default="")
def docket(court, how):
    "Print the docket."
    if how == "kit":
        from vertikit import VertikitError
        raise VertikitError("the court is closed.", "Come back on Monday.")
    if how:
        error = RuntimeError("ink")
        error.add_note("a note of some library")
        raise error
    click.echo(f"docket of {court}")

@hookimpl
def register_commands(register):
    register("docket", docket, summary="Print the docket of a court.")
"""


@pytest.fixture
def legal(plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch) -> FakePlugins:
    plugins.add("legal", VERB, distribution="legal-kit")
    monkeypatch.setenv("VERTIKIT_LOAD", "legal,broken")
    return plugins


@pytest.mark.usefixtures("legal")
def test_help_lists_the_verb_under_its_plugin(type_in: Type) -> None:
    typed = type_in("--help")
    listed = typed.out.partition("Of plugins")[2].split()
    assert listed[1:] == ["docket", *["Print", "the", "docket", "of", "a", "court.", "(legal)"]]


def test_without_verbs_of_plugins_help_does_not_speak_of_them(type_in: Type) -> None:
    assert "Of plugins" not in type_in("--help").out


@pytest.mark.usefixtures("legal")
def test_it_runs_with_its_options_and_has_its_own_help(type_in: Type) -> None:
    assert type_in("docket", "north").out == "docket of north\n"
    assert "--break" in type_in("docket", "--help").out
    assert type_in("docket", "--brake").status == 2


@pytest.mark.usefixtures("legal")
def test_an_error_of_it_is_one_line_that_names_the_plugin(type_in: Type) -> None:
    typed = type_in("docket", "--break", "it")
    assert typed.status == 1
    assert typed.errors == [
        "error: unexpected: RuntimeError: ink",
        "  This is a defect of plugin 'legal'; --traceback shows where.",
    ]
    assert type_in("docket", "--break", "kit").errors == [
        "error: the court is closed.",
        "  Come back on Monday.",
    ]


@pytest.mark.usefixtures("legal")
def test_a_verb_nearly_typed_is_suggested(type_in: Type) -> None:
    assert "'docket'" in type_in("dockets").errors[0]


def test_a_verb_of_ours_is_not_taken(legal: FakePlugins, type_in: Type) -> None:
    legal.add("broken", VERB.replace('register("docket"', 'register("train"'))
    assert "Adapt a model" in type_in("--help").out
    listed = type_in("plugins").out
    assert "verb 'train' of plugin 'broken' has the name of one of Vertikit's own" in listed


def test_what_is_no_command_is_said_with_the_plugin(legal: FakePlugins, type_in: Type) -> None:
    legal.add(
        "broken", '@hookimpl\ndef register_commands(register):\n    register("odd", dict, summary="x")\n'
    )
    typed = type_in("odd")
    assert typed.status == 1 and "plugin 'broken' offers the verb 'odd'" in typed.errors[0]
    assert "VERTIKIT_DISABLE=broken" in typed.errors[1]


def test_a_verb_that_cannot_be_imported_is_said_with_the_plugin(legal: FakePlugins, type_in: Type) -> None:
    lost = (
        '@hookimpl\ndef register_commands(register):\n    register("odd", "no_such_place:x", summary="x")\n'
    )
    legal.add("broken", lost)
    typed = type_in("odd")
    assert typed.status == 1 and "plugin 'broken'" in typed.errors[0]
    assert type_in("docket", "north").status == 0
