"""A plugin says for which contract it was built: too old, too new, or with hooks that go, it is told what changed."""

import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from tests.core.registry.faking import FakePlugins, one_head, record
from vertikit import hookspecs
from vertikit.registry import Registry
from vertikit.registry.contract import CONTRACT, Change, Contract, Retired

CHANGES = (
    Change((1, 0), "the first"),
    Change((2, 0), "register_heads takes options: add **options to the factory"),
    Change((2, 1), "register_verbs is new"),
)


def contract(**changed: Any) -> Contract:
    return Contract(**{"version": (2, 1), "oldest": (2, 0), "changes": CHANGES, **changed})


def load(plugins: FakePlugins, held: Contract) -> Registry:
    return Registry(plugins.points(), {}, held)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_a_plugin_built_for_a_version_that_is_taken_works_without_a_word(
    plugins: FakePlugins, version: str
) -> None:
    plugins.add("legal", one_head("clause") + f"vertikit_api = {version!r}\n")
    legal = record(load(plugins, contract()), "legal")
    assert (legal.state, legal.notes) == ("ok", [])


def test_one_that_says_nothing_works_and_is_told_what_to_write(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause"))
    legal = record(load(plugins, contract()), "legal")
    assert legal.state == "ok"
    assert "vertikit_api = '2.1'" in legal.notes[0]


def test_one_that_is_too_new_is_listed_with_both_versions_and_the_cure(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause") + "vertikit_api = '2.2'\n")
    known = load(plugins, contract())
    legal = record(known, "legal")
    assert legal.state == "broken" and known.names("heads") == []
    assert "2.2" in legal.reason and "2.1" in legal.reason
    assert "pip install --upgrade vertikit" in legal.cure


def test_one_that_is_too_old_is_told_what_changed_since_and_nothing_older(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause") + "vertikit_api = '1.0'\n", distribution="legal-kit")
    known = load(plugins, contract())
    legal = record(known, "legal")
    assert legal.state == "broken" and known.names("heads") == []
    assert "add **options to the factory" in legal.reason and "register_verbs is new" in legal.reason
    assert "the first" not in legal.reason
    assert "pip install --upgrade legal-kit" in legal.cure


@pytest.mark.parametrize("declared", ["2", "'2'", "'latest'", "(2, 0)", "''", "None.__class__"])
def test_a_declaration_that_is_no_version_is_refused_with_its_form(
    plugins: FakePlugins, declared: str
) -> None:
    plugins.add("legal", one_head("clause") + f"vertikit_api = {declared}\n")
    legal = record(load(plugins, contract()), "legal")
    assert legal.state == "broken" and "'2.1'" in legal.reason


def renamed() -> Contract:
    """register_faces has become register_heads: it works on for a release."""

    @hookspecs.hookspec
    def register_faces(register: Any) -> None: ...

    specs = SimpleNamespace(register_heads=hookspecs.register_heads, register_faces=register_faces)
    retired = Retired((2, 1), (3, 0), "call it register_heads", family="heads")
    return contract(specs=specs, retired={"register_faces": retired})


def test_a_hook_that_was_renamed_works_on_and_the_plugin_is_named(plugins: FakePlugins) -> None:
    plugins.add(
        "legal", one_head("clause").replace("register_heads", "register_faces") + "vertikit_api = '2.0'\n"
    )
    with pytest.warns(
        DeprecationWarning, match=r"plugin 'legal': register_faces is deprecated since version 2\.1"
    ):
        known = load(plugins, renamed())
    legal = record(known, "legal")
    assert legal.state == "ok" and known.names("heads") == ["clause"]
    assert "goes with 3.0: call it register_heads" in legal.notes[0]


def test_a_plugin_of_the_new_name_is_not_warned_of(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause") + "vertikit_api = '2.1'\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        known = load(plugins, renamed())
    assert record(known, "legal").notes == []


@pytest.mark.parametrize("marked", [True, False])
def test_a_hook_that_is_gone_says_since_when_and_what_to_write(plugins: FakePlugins, marked: bool) -> None:
    held = contract(retired={"register_faces": Retired((1, 1), (2, 0), "call it register_heads")})
    code = one_head("clause").replace("register_heads", "register_faces")
    plugins.add("legal", (code if marked else code.replace("@hookimpl", "")) + "vertikit_api = '2.0'\n")
    legal = record(load(plugins, held), "legal")
    assert legal.state == "broken"
    assert "gone since version 2.0" in legal.reason and "call it register_heads" in legal.reason


def test_the_contract_of_this_engine_holds_together() -> None:
    assert CONTRACT.oldest <= CONTRACT.version
    assert CONTRACT.changes[-1].version == CONTRACT.version
    for name, retired in CONTRACT.retired.items():
        assert retired.since < retired.gone
        assert hasattr(hookspecs, name) == (CONTRACT.version < retired.gone)
