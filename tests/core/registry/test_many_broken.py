"""Plugins that are broken in every way we know of, all installed at once: each is caught, and harms nobody."""

import json
import os
import subprocess
import sys

import pytest

from tests.core.registry.faking import FakePlugins, one_head, record
from vertikit.registry import Registry

VERB = '@hookimpl\ndef register_commands(register):\n    register("{}", dict, summary="x")\n'

BROKEN = {
    "needs-what-is-not-there": ("import no_such_module_at_all\n", "pip install no_such_module_at_all"),
    "is-no-python": ("def broken(:\n", "SyntaxError"),
    "fails-on-import": ("1 / 0\n", "division by zero"),
    "leaves-on-import": ("import sys\nsys.exit(0)\n", "SystemExit"),
    "misspells-a-hook": (one_head("a").replace("register_heads", "register_haeds"), "register_haeds"),
    "misspells-a-parameter": ("@hookimpl\ndef run_finished(rnu):\n    pass\n", "rnu"),
    "forgets-the-mark": (one_head("b").replace("@hookimpl", ""), "not marked as a hook"),
    "gives-a-default": (one_head("c").replace("(register)", "(register=None)"), "has a default"),
    "wraps-others": ("@hookimpl(wrapper=True)\ndef run_finished(run):\n    yield\n", "is a wrapper"),
    "fails-in-a-hook": ("@hookimpl\ndef register_heads(register):\n    raise KeyError('x')\n", "KeyError"),
    "takes-a-name-of-ours": (one_head("softmax"), "has the name of one of plugin 'building-blocks'"),
    "takes-a-verb-of-ours": (VERB.format("train"), "has the name of one of Vertikit's own"),
    "registers-twice": (one_head("d", then='register("d", dict, summary="x")'), "registered twice"),
    "has-no-summary": (one_head("e").replace("one label", " "), "a summary of one sentence is missing"),
    "has-a-wrong-path": (one_head("f", "'not a path'"), "not of the form import.path:Name"),
    "has-a-wrong-name": (one_head("Not A Name"), "a name is one word"),
    "needs-a-version": (one_head("g", more=", requires='torch>=2'"), "without versions"),
    "is-too-new": (one_head("h") + "vertikit_api = '99.0'\n", "pip install --upgrade vertikit"),
    "is-too-old": (one_head("i") + "vertikit_api = '0.1'\n", "What changed: 1.0"),
    "says-no-version": (one_head("j") + "vertikit_api = 1\n", "should be a text such as"),
}
WORKS = one_head("works") + "vertikit_api = '1.1'\n\n@hookimpl\ndef run_finished(run):\n    print('told')\n"


@pytest.fixture
def crowd(plugins: FakePlugins) -> FakePlugins:
    """All of them, and one that works whose name comes last."""
    for name, (code, _) in BROKEN.items():
        plugins.add(name, code)
    plugins.add("zz-works", WORKS)
    return plugins


def beside_ours(plugins: FakePlugins) -> Registry:
    from importlib.metadata import distribution

    ours = [each for each in distribution("vertikit").entry_points if each.group == "vertikit"]
    return Registry([*ours, *plugins.points()], {})


def test_each_is_listed_with_cause_and_cure_and_leaves_nothing_behind(
    crowd: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    known, alone = beside_ours(crowd), Registry(environ={"VERTIKIT_LOAD": "building-blocks"})
    for name, (_, told) in BROKEN.items():
        found = record(known, name)
        assert found.state == "broken", name
        assert told in f"{found.reason} {found.cure}", (name, found.reason, found.cure)
        assert f"VERTIKIT_DISABLE={name}" in found.cure
        assert "\n" not in found.reason + found.cure
        assert found.registers == []
    assert known.names("heads") == sorted([*alone.names("heads"), "works"])
    capsys.readouterr()
    known.announce("run_finished", run=None)
    assert capsys.readouterr() == ("told\n", "")


def test_the_command_line_works_on_beside_them(crowd: FakePlugins) -> None:
    places = [str(crowd.folder), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}

    def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vertikit", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    listed = typed("plugins", "list", "--json")
    states = {each["name"]: each["state"] for each in json.loads(listed.stdout)}
    assert listed.returncode == 0
    assert {name for name, state in states.items() if state == "broken"} == set(BROKEN)
    tasks = typed("tasks")
    assert tasks.returncode == 0 and "diagnosis" in tasks.stdout
    assert len(tasks.stderr.splitlines()) == len(BROKEN)
    assert typed("show", "works").returncode == 0
    assert typed("--help").returncode == 0
    wrong = typed("show", "nothing-of-this-name")
    assert wrong.returncode == 2 and "Traceback" not in wrong.stderr
