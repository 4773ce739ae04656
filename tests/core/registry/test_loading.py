"""Plugins are loaded one by one; one that is wrong is rolled back whole, listed, and harms nothing else."""

import subprocess
import sys

import pytest

from tests.core.registry.faking import FakePlugins, one_head, record
from vertikit.errors import VertikitError
from vertikit.registry import Registry


def test_a_plugin_is_listed_with_version_distribution_and_what_it_registers(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause"), distribution="legal-kit", version="2.3")
    known = plugins.load()
    legal = record(known, "legal")
    assert (legal.state, legal.distribution, legal.version, legal.reason) == ("ok", "legal-kit", "2.3", "")
    assert [each.name for each in legal.registers] == ["clause"]
    assert known.get("heads", "clause").plugin == "legal"


def test_our_own_plugins_load_first_and_the_others_by_name(plugins: FakePlugins) -> None:
    plugins.add("zebra", one_head("z"))
    plugins.add("apple", one_head("a"))
    plugins.add("yours", one_head("y"), distribution="vertikit")
    assert [each.name for each in plugins.load().plugins] == ["yours", "apple", "zebra"]


def test_the_first_plugin_keeps_a_name_and_the_later_one_is_rolled_back_whole(plugins: FakePlugins) -> None:
    plugins.add("zebra", one_head("clause") + one_head("stripes").replace("heads", "losses"))
    plugins.add("apple", one_head("clause"))
    known = plugins.load()
    zebra = record(known, "zebra")
    assert known.get("heads", "clause").plugin == "apple"
    assert zebra.state == "broken"
    assert "head 'clause'" in zebra.reason
    assert "'zebra'" in zebra.reason and "'apple'" in zebra.reason
    assert known.find("losses", "stripes") is None
    assert zebra.registers == []


def test_a_name_may_be_taken_in_two_families(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause") + one_head("clause").replace("heads", "losses"))
    known = plugins.load()
    assert known.find("heads", "clause") and known.find("losses", "clause")


def test_a_name_registered_twice_by_one_plugin_breaks_it(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause", then='register("clause", list, summary="again")'))
    known = plugins.load()
    assert "head 'clause' is registered twice" in record(known, "legal").reason
    assert known.names("heads") == []


def test_a_misspelt_hook_is_caught_and_nothing_of_the_plugin_stays(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause") + one_head("other").replace("register_heads", "register_haeds"))
    known = plugins.load()
    legal = record(known, "legal")
    assert legal.state == "broken" and "register_haeds" in legal.reason
    assert "hook" in legal.cure
    assert known.names("heads") == []


def test_after_a_misspelt_hook_the_next_plugin_is_not_blamed_for_it(plugins: FakePlugins) -> None:
    plugins.add("a-bad", one_head("x").replace("register_heads", "register_haeds"))
    plugins.add("b-good", one_head("clause"))
    known = plugins.load()
    assert record(known, "b-good").state == "ok"
    assert known.names("heads") == ["clause"]


@pytest.mark.parametrize("wrong", ["run_started(rnu)", "run_strated(run)"])
def test_a_misspelt_argument_or_hook_leaves_no_half_registered_plugin(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    # pluggy takes hooks by the alphabet, so it has the first two when it meets the third.
    plugins.add(
        "legal",
        one_head("clause")
        + "@hookimpl\ndef run_finished(run):\n    print('called')\n"
        + f"@hookimpl\ndef {wrong}:\n    pass\n",
    )
    known = plugins.load()
    legal = record(known, "legal")
    assert legal.state == "broken" and ("rnu" in legal.reason or "run_strated" in legal.reason)
    assert known.names("heads") == []
    known.announce("run_finished", run=None)
    assert capsys.readouterr().out == ""


def test_a_hook_parameter_with_a_default_is_refused_because_it_is_never_filled(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause").replace("(register)", "(register=None)"))
    legal = record(plugins.load(), "legal")
    assert legal.state == "broken"
    assert "'register'" in legal.reason and "register_heads" in legal.reason and "default" in legal.reason


def test_a_default_is_refused_in_the_hooks_of_a_run_too(plugins: FakePlugins) -> None:
    plugins.add("tracker", "@hookimpl\ndef epoch_ended(run, epoch=0):\n    pass\n")
    legal = record(plugins.load(), "tracker")
    assert legal.state == "broken" and "'epoch'" in legal.reason


def test_a_hook_without_its_mark_is_refused_rather_than_passed_over(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause").replace("@hookimpl", ""))
    legal = record(plugins.load(), "legal")
    assert legal.state == "broken"
    assert "register_heads" in legal.reason and "hookimpl" in legal.reason


def test_an_import_error_is_isolated_and_listed_with_cause_and_cure(plugins: FakePlugins) -> None:
    plugins.add("legal", "import no_such_module_at_all.inner\n", distribution="legal-kit")
    plugins.add("other", one_head("clause"))
    known = plugins.load()
    legal = record(known, "legal")
    assert legal.state == "broken"
    assert "no_such_module_at_all" in legal.reason
    assert "pip install no_such_module_at_all" in legal.cure
    assert "VERTIKIT_DISABLE=legal" in legal.cure
    assert "import no_such_module_at_all.inner" in legal.traceback
    assert known.names("heads") == ["clause"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys\nsys.exit(3)\n", "SystemExit: 3"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("def broken(:\n", "SyntaxError"),
        ("@hookimpl\ndef register_heads(register):\n    raise RuntimeError('no licence')\n", "no licence"),
    ],
)
def test_whatever_a_plugin_raises_is_its_own_failure(plugins: FakePlugins, code: str, reason: str) -> None:
    plugins.add("legal", code)
    plugins.add("other", one_head("clause"))
    known = plugins.load()
    assert record(known, "legal").state == "broken"
    assert reason in record(known, "legal").reason
    assert "\n" not in record(known, "legal").reason
    assert known.names("heads") == ["clause"]


def test_a_keyboard_interrupt_during_an_import_is_the_users(plugins: FakePlugins) -> None:
    plugins.add("legal", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        plugins.load()


def test_two_plugins_of_one_name_leave_the_first_standing(plugins: FakePlugins) -> None:
    plugins.add("legal", one_head("clause"), distribution="vertikit")
    plugins.add("legal", one_head("other"), distribution="impostor")
    known = plugins.load()
    assert [(each.distribution, each.state) for each in known.plugins] == [
        ("vertikit", "ok"),
        ("impostor", "broken"),
    ]
    assert known.names("heads") == ["clause"]


def test_one_module_under_two_names_is_loaded_once(plugins: FakePlugins) -> None:
    module = plugins.add("apple", one_head("clause"))
    plugins.add("zebra", "")
    for entry in plugins.folder.glob("*.dist-info/entry_points.txt"):
        entry.write_text(entry.read_text().partition("=")[0] + f"= {module}\n")
    known = plugins.load()
    assert [each.state for each in known.plugins] == ["ok", "broken"]
    assert known.names("heads") == ["clause"]


def test_what_a_hook_returns_does_not_matter_so_neither_do_pluggys_order_and_its_dropping_of_none(
    plugins: FakePlugins,
) -> None:
    # pluggy calls the plugin registered last first, and drops None from the results.
    plugins.add("apple", one_head("clause", then="return None"))
    plugins.add("zebra", one_head("clause", then="return ['zebra']"))
    known = plugins.load()
    assert known.get("heads", "clause").plugin == "apple"
    assert record(known, "zebra").state == "broken"


def test_the_register_callback_of_a_later_plugin_does_not_reach_an_earlier_one(plugins: FakePlugins) -> None:
    plugins.add(
        "apple",
        """
    calls = []

    @hookimpl
    def register_heads(register):
        calls.append(1)
        register(f"a{len(calls)}", dict, summary="one label")
    """,
    )
    plugins.add("zebra", one_head("z"))
    assert plugins.load().names("heads") == ["a1", "z"]


def test_what_a_plugin_prints_while_it_is_imported_stays_out_of_the_results(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins.add("legal", "print('welcome')\n")
    plugins.load()
    captured = capsys.readouterr()
    assert captured.out == "" and "welcome" in captured.err


def test_a_plugin_that_cannot_be_hashed_breaks_itself_and_not_the_next_one(plugins: FakePlugins) -> None:
    code = "from dataclasses import dataclass\n\n@dataclass\nclass Plugin:\n    x: int = 0\n\nPLUGIN = Plugin()\n"
    module = plugins.add("apple", code)
    entry = next(plugins.folder.glob("*.dist-info/entry_points.txt"))
    entry.write_text(f"[vertikit]\napple = {module}:PLUGIN\n")
    plugins.add("zebra", one_head("clause"))
    known = plugins.load()
    assert [each.state for each in known.plugins] == ["broken", "ok"]


def test_disable_leaves_plugins_out(plugins: FakePlugins) -> None:
    plugins.add("apple", one_head("a"))
    plugins.add("zebra", "1 / 0\n")
    known = plugins.load(VERTIKIT_DISABLE=" zebra , nothing")
    assert record(known, "zebra").state == "disabled"
    assert "VERTIKIT_DISABLE" in record(known, "zebra").reason
    assert known.names("heads") == ["a"]
    assert known.unmatched == [("VERTIKIT_DISABLE", "nothing")]


def test_load_takes_only_the_plugins_named(plugins: FakePlugins) -> None:
    plugins.add("apple", one_head("a"))
    plugins.add("zebra", one_head("z"))
    assert plugins.load(VERTIKIT_LOAD="zebra").names("heads") == ["z"]
    assert plugins.load(VERTIKIT_LOAD="zebra,appel").unmatched == [("VERTIKIT_LOAD", "appel")]
    nothing = plugins.load(VERTIKIT_LOAD="")
    assert [each.state for each in nothing.plugins] == ["disabled", "disabled"]


def test_disable_wins_over_load(plugins: FakePlugins) -> None:
    plugins.add("apple", one_head("a"))
    assert plugins.load(VERTIKIT_LOAD="apple", VERTIKIT_DISABLE="apple").names("heads") == []


def test_strict_raises_on_the_first_broken_plugin(plugins: FakePlugins) -> None:
    plugins.add("legal", "1 / 0\n", distribution="legal-kit", version="2.3")
    with pytest.raises(VertikitError, match=r"'legal' \(legal-kit 2\.3\) is broken: division by zero"):
        plugins.load(VERTIKIT_STRICT="1")
    assert plugins.load(VERTIKIT_STRICT="0").plugins[0].state == "broken"


def test_an_error_in_a_hook_of_a_run_is_reported_and_the_other_plugins_are_called(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = "@hookimpl\ndef run_finished(run):\n    {}\n"
    plugins.add("apple", ending.format("print('apple', run)"))
    plugins.add("broken", ending.format("raise RuntimeError('no network')"))
    plugins.add("leaving", ending.format("raise SystemExit(1)"))
    plugins.add("zebra", ending.format("print('zebra', run)"))
    known = plugins.load()
    known.announce("run_finished", run="r1")
    captured = capsys.readouterr()
    assert captured.out == "apple r1\nzebra r1\n"
    assert "'broken' failed in run_finished: no network" in captured.err
    assert "'leaving'" in captured.err


def test_a_hook_of_a_run_gets_only_what_it_asks_for(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins.add("tracker", "@hookimpl\ndef epoch_ended(epoch, logs):\n    print(epoch, logs)\n")
    plugins.load().announce("epoch_ended", run=None, epoch=3, logs={"loss": 0.5})
    assert capsys.readouterr().out == "3 {'loss': 0.5}\n"


def test_strict_lets_an_error_in_a_hook_of_a_run_out(plugins: FakePlugins) -> None:
    plugins.add("tracker", "@hookimpl\ndef run_finished(run):\n    raise RuntimeError('no network')\n")
    with pytest.raises(RuntimeError, match="no network"):
        plugins.load(VERTIKIT_STRICT="1").announce("run_finished", run=None)


def test_an_entry_point_without_a_distribution_is_listed_as_unknown() -> None:
    from importlib.metadata import EntryPoint

    known = Registry([EntryPoint("loose", "no_such_module_here", "vertikit")], {})
    assert (known.plugins[0].distribution, known.plugins[0].state) == ("unknown", "broken")


def test_what_is_installed_here_loads_and_brings_no_heavy_library() -> None:
    heavy = {"torch", "transformers", "pandas", "sklearn", "datasets", "numpy", "pydantic"}
    code = (
        "import sys; from vertikit.registry import registry; r = registry();"
        "assert r.names('tasks') and r.names('strategies'), r.plugins;"
        "assert all(p.state == 'ok' for p in r.plugins), r.plugins;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
