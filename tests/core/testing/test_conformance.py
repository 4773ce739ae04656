"""What a plugin's author has of the kit: a test function of pytest, a command, waivers with reasons."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from tests.core.registry.faking import FakePlugins
from tests.core.registry.faking import plugins as plugins
from vertikit.cli import plugins_check
from vertikit.cli.plugins import plugins as command
from vertikit.errors import UsageError, VertikitError
from vertikit.testing import check_plugin, conformance, plugin_under_test

LOSSES = """
import torch
from torch.nn import functional

def sound():
    return lambda raw, target: functional.cross_entropy(raw, target.long(), reduction="none")

def backwards():
    return lambda raw, target: -functional.cross_entropy(raw, target.long(), reduction="none")

@hookimpl
def register_losses(register):
    register("sound", sound, summary="cross-entropy")
    register("backwards", backwards, summary="cross-entropy, the wrong way round")
    register("later", "no_such_module_here:loss", summary="a loss of tomorrow", requires="no-such-package")
"""
KEY = "losses/backwards: direction"
REASON = "it is trained by ascent, which turns it round"


def results(plugins: FakePlugins, more: str = "") -> dict[str, Any]:
    plugins.add("legal", LOSSES + more)
    found = check_plugin("legal", plugins.load())
    return {f"{each.component}: {each.check.name}": each for each in found} | {"all": found}


def test_each_component_is_held_to_each_check_of_its_family(plugins: FakePlugins) -> None:
    found = results(plugins)
    assert found["losses/sound: direction"].state == "passed"
    assert found[KEY].state == "failed" and "wrong answers cost no more" in found[KEY].why
    assert found["losses/sound: weights"].state == "not applicable"


def test_what_needs_a_package_that_is_missing_does_not_apply_and_says_what_to_install(
    plugins: FakePlugins,
) -> None:
    found = results(plugins)
    assert found["losses/later: unreduced"].state == "not applicable"
    assert "pip install no-such-package" in found["losses/later: unreduced"].why


def test_a_waiver_with_a_reason_shows_the_reason_and_what_was_found(plugins: FakePlugins) -> None:
    found = results(plugins, f"conformance_waivers = {{{KEY!r}: {REASON!r}}}")
    assert found[KEY].state == "waived"
    assert REASON in found[KEY].why and "wrong answers cost no more" in found[KEY].why
    assert not [each for each in found["all"] if each.state == "failed"]


@pytest.mark.parametrize(
    ("waivers", "words"),
    [
        ({KEY: ""}, "says too little"),
        ({KEY: "by design"}, "says too little"),
        ({KEY: None}, "says too little"),
        ({"losses/backwards: no such check": REASON}, "a check that there is not"),
        ({"losses/gone: direction": REASON}, "a check that there is not"),
        ({"losses/sound: direction": REASON}, "take that out"),
        ([KEY], "no mapping"),
    ],
)
def test_a_waiver_that_gives_no_reason_or_waives_nothing_is_a_failure(
    plugins: FakePlugins, waivers: Any, words: str
) -> None:
    found = results(plugins, f"conformance_waivers = {waivers!r}")
    assert any(words in each.why for each in found["all"] if each.state == "failed")


def test_an_example_of_what_is_not_registered_is_a_failure(plugins: FakePlugins) -> None:
    found = results(plugins, "vertikit_examples = {'losses/gone': {}}")
    assert any("does not register" in each.why for each in found["all"] if each.state == "failed")


def test_options_of_an_example_build_what_needs_them(plugins: FakePlugins) -> None:
    code = """
def smooth(*, share):
    import torch
    return lambda raw, target: torch.nn.functional.cross_entropy(
        raw, target.long(), reduction="none", label_smoothing=share)

@hookimpl
def register_losses(register):
    register("smooth", smooth, summary="cross-entropy")
"""
    plugins.add("bare", code)
    plugins.add(
        "told",
        code.replace('"smooth"', '"smooth-too"')
        + "vertikit_examples = {'losses/smooth-too': {'share': 0.1}}",
    )
    known = plugins.load()
    bare = {each.check.name: each for each in check_plugin("bare", known)}
    assert "vertikit_examples['losses/smooth']" in bare["direction"].why
    assert {each.check.name: each for each in check_plugin("told", known)}["direction"].state == "passed"


def test_a_plugin_that_is_not_there_or_is_broken_is_one_line(plugins: FakePlugins) -> None:
    plugins.add("legal", LOSSES)
    plugins.add("hurt", "import no_such_module_here")
    known = plugins.load()
    with pytest.raises(UsageError, match=r"there is no plugin 'legl'\. Did you mean 'legal'"):
        check_plugin("legl", known)
    with pytest.raises(VertikitError, match=r"plugin 'hurt' is broken: .*no_such_module_here"):
        conformance("hurt", known=known)


def test_the_test_function_has_a_case_for_each_component_and_check(plugins: FakePlugins) -> None:
    plugins.add("legal", LOSSES + f"conformance_waivers = {{{KEY!r}: {REASON!r}}}")
    function = conformance("legal", known=plugins.load())
    (mark,) = function.pytestmark
    cases = {each.id: each.values[0] for each in mark.args[1]}
    assert "own words" in cases and KEY in cases and "losses/sound: company" in cases
    function(cases["losses/sound: direction"])
    with pytest.raises(pytest.skip.Exception, match=f"waived.*{REASON}"):
        function(cases[KEY])
    with pytest.raises(pytest.skip.Exception, match="not applicable"):
        function(cases["losses/later: direction"])


def test_a_check_that_fails_fails_the_test_with_its_title_and_reason(plugins: FakePlugins) -> None:
    plugins.add("legal", LOSSES + "conformance_waivers = {'nothing': 'there is no such thing'}")
    function = conformance("legal", known=plugins.load())
    cases = {each.id: each.values[0] for each in function.pytestmark[0].args[1]}
    with pytest.raises(pytest.fail.Exception, match="Right answers cost less than wrong ones"):
        function(cases[KEY])
    with pytest.raises(AssertionError, match="a check that there is not"):
        function(cases["own words"])


def run(plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    known = plugins.load()
    monkeypatch.setattr(plugins_check, "registry", lambda: known)
    return CliRunner().invoke(command, ["check", *arguments])


def test_the_command_prints_a_table_and_fails_where_a_check_fails(
    plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins.add("legal", LOSSES)
    found = run(plugins, monkeypatch, "legal")
    assert found.exit_code == 1
    assert "losses/sound" in found.output and "losses/backwards" in found.output
    assert "FAILED" in found.output and "Right answers cost less" in found.output
    assert "needs no-such-package" in found.output
    assert found.output.strip().splitlines()[-1].endswith("0 waived")


def test_the_command_gives_json_and_succeeds_where_all_is_waived(
    plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins.add("legal", LOSSES + f"conformance_waivers = {{{KEY!r}: {REASON!r}}}")
    found = run(plugins, monkeypatch, "legal", "--json")
    assert found.exit_code == 0
    rows = {(each["component"], each["check"]): each for each in json.loads(found.output)}
    assert rows["losses/backwards", "direction"]["result"] == "waived"
    assert REASON in rows["losses/backwards", "direction"]["why"]
    assert rows["losses/sound", "direction"]["title"].startswith("Right answers")


def test_the_command_names_a_plugin_that_is_not_there(
    plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins.add("legal", LOSSES)
    found = run(plugins, monkeypatch, "legl")
    assert isinstance(found.exception, UsageError) and found.exception.status == 2


def test_importing_the_kit_brings_neither_pytest_nor_torch_with_it() -> None:
    code = (
        "import sys, vertikit.testing; print([each for each in ('pytest', 'torch') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_checks_of_a_component_share_is_let_go_when_the_next_one_comes(plugins: FakePlugins) -> None:
    plugins.add("legal", LOSSES)
    under_test = plugin_under_test("legal", plugins.load())
    cases = {case.key: case for case in under_test.cases}
    cases["losses/sound: direction"].result()
    assert cases["losses/sound: direction"].subject.kept
    cases[KEY].result()
    assert not cases["losses/sound: direction"].subject.kept
