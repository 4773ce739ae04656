"""What may be registered, and what is said where a name or a requirement is not there."""

import pytest

from tests.core.registry.faking import FakePlugins, one_head, record
from vertikit.errors import UsageError, VertikitError


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (one_head("Two Words"), "name is one word"),
        (one_head(""), "name is one word"),
        (one_head("x", factory="None"), "factory is None"),
        (one_head("x", factory="'no path'"), "import.path:Name"),
        (one_head("x", factory="3"), "neither a callable"),
        (one_head("x").replace("one label", "   "), "summary"),
        (one_head("x").replace('"one label"', "None"), "summary"),
        (one_head("x", more=", requires='spacy>=3'"), "'spacy>=3' is no name of a distribution"),
        (one_head("x").replace("heads", "tasks"), "vertical/task"),
        (one_head("x").replace('summary="one label"', ""), "summary"),
    ],
)
def test_a_bad_registration_breaks_the_plugin_with_its_reason(
    plugins: FakePlugins, code: str, reason: str
) -> None:
    plugins.add("legal", code)
    known = plugins.load()
    assert record(known, "legal").state == "broken"
    assert reason in record(known, "legal").reason


def test_a_factory_by_path_is_imported_at_first_use_only(plugins: FakePlugins) -> None:
    import sys

    (plugins.folder / "legal_heads_of_test.py").write_text("class Clause:\n    pass\n")
    plugins.add("legal", one_head("clause", factory="'legal_heads_of_test:Clause'"))
    component = plugins.load().get("heads", "clause")
    assert "legal_heads_of_test" not in sys.modules
    assert component.resolve().__name__ == "Clause"
    del sys.modules["legal_heads_of_test"]


@pytest.mark.parametrize("path", ["no_such_module_here:Clause", "json:NoSuchName"])
def test_a_factory_that_cannot_be_imported_names_component_plugin_and_cure(
    plugins: FakePlugins, path: str
) -> None:
    plugins.add("legal", one_head("clause", factory=repr(path)))
    with pytest.raises(VertikitError) as error:
        plugins.load().get("heads", "clause").resolve()
    assert "head 'clause' of plugin 'legal'" in error.value.what and path in error.value.what
    assert "VERTIKIT_DISABLE=legal" in error.value.do


def test_an_unknown_name_lists_the_near_ones_and_who_offers_them(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause"))
    plugins.add("other", one_head("ranking"))
    with pytest.raises(UsageError) as error:
        plugins.load().get("heads", "clase")
    assert error.value.what == "there is no head 'clase'."
    assert error.value.do == "Did you mean 'clause' (of plugin 'legal')?"


def test_an_unknown_name_near_to_none_lists_all_by_plugin(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause"))
    plugins.add("other", one_head("ranking"))
    with pytest.raises(UsageError) as error:
        plugins.load().get("heads", "xyz")
    assert error.value.do == "Known: clause (of plugin 'legal'); ranking (of plugin 'other')."


def test_an_unknown_name_near_to_none_of_many_says_where_they_are_listed(
    plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vertikit.registry.plugin.MOST_NAMED", 1)
    plugins.add("legal", one_head("clause"))
    plugins.add("other", one_head("ranking"))
    with pytest.raises(UsageError) as error:
        plugins.load().get("heads", "xyz")
    assert error.value.do == "`vertikit plugins list` names the 2 that are known."


def test_an_unknown_name_mentions_broken_plugins_which_may_have_had_it(plugins: FakePlugins) -> None:
    plugins.add("legal", "1 / 0\n")
    with pytest.raises(UsageError, match="Broken plugins: legal"):
        plugins.load().get("heads", "clause")


def test_an_empty_family_says_that_nobody_offers_one(plugins: FakePlugins) -> None:
    with pytest.raises(UsageError) as error:
        plugins.load().get("heads", "clause")
    assert error.value.do == "No plugin offers a head."


def test_a_component_whose_requirement_is_missing_is_listed_and_says_so_on_use(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause", more=", requires=('click', 'no-such-distribution-here')"))
    known = plugins.load()
    assert known.names("heads") == ["clause"]
    component = known.get("heads", "clause")
    assert component.missing() == ("no-such-distribution-here",)
    with pytest.raises(UsageError) as error:
        component.resolve()
    assert error.value.what == "head 'clause' needs no-such-distribution-here."
    assert error.value.do == "Install it: pip install no-such-distribution-here"


def test_what_to_type_for_a_missing_requirement_can_be_given(plugins: FakePlugins) -> None:
    more = ", requires='no-such-distribution-here', install='conda install it'"
    plugins.add("legal", one_head("clause", more=more))
    with pytest.raises(UsageError, match="conda install it"):
        plugins.load().get("heads", "clause").resolve()


def test_a_requirement_that_is_there_needs_nothing(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause", more=", requires='click'"))
    component = plugins.load().get("heads", "clause")
    assert component.missing() == () and component.resolve() is dict


TASK = """
    from vertikit import Card, Label, Protocol, Task, Text

    TASK = Task(
        name="legal/clauses",
        summary="Names clauses.",
        columns=(Text("text"), Label("clause")),
        protocol=Protocol(splits=(), primary="m", metrics=(), baselines=(), why=""),
        card=Card(intended_use="", population="", limits=""),
    )

    @hookimpl
    def register_tasks(register):
        register("legal/{}", TASK, summary="names clauses")
    """


def test_a_task_is_found_by_its_name(plugins: FakePlugins) -> None:
    plugins.add("legal", TASK.format("clauses"))
    assert plugins.load().task("legal/clauses").summary == "Names clauses."


def test_a_task_registered_under_another_name_than_its_own_is_an_error(plugins: FakePlugins) -> None:
    plugins.add("legal", TASK.format("other"))
    with pytest.raises(VertikitError, match="'legal' registers 'legal/other'"):
        plugins.load().task("legal/other")
