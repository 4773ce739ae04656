"""What every verb has in common: start-up, errors in two lines, exit statuses, interruption."""

import os
import re
import subprocess
import sys
from types import ModuleType

import click
import pytest

from tests.core.cli.conftest import Type
from vertikit import __version__
from vertikit.cli import verbs
from vertikit.errors import UsageError, VertikitError
from vertikit.own_verbs import SECTIONS, Verb

HEAVY = {
    "torch",
    "transformers",
    "pandas",
    "sklearn",
    "datasets",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "yaml",
}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["tasks"], ["tasks", "--json"], ["plugins"], ["train", "--help"]]
)
def test_looking_around_imports_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys; from vertikit.cli import main; status = main(sys.argv[1:]);"
        f"print(status, sorted({HEAVY} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "0 []"
    assert done.stdout


def test_every_verb_is_there_and_explains_itself(type_in: Type) -> None:
    names = [name for section in SECTIONS.values() for name in section]
    assert len(names) >= 13
    listed = type_in("--help").out
    for name in names:
        assert re.search(rf"^  {name} ", listed, re.MULTILINE)
        typed = type_in(name, "--help")
        assert typed.status == 0
        assert f"Usage: vertikit {name}" in typed.out


def test_without_a_verb_the_help_is_shown(type_in: Type) -> None:
    assert type_in() == type_in("--help")
    assert type_in().status == 0


def test_the_version_is_told(type_in: Type) -> None:
    assert type_in("--version").out == f"vertikit {__version__}\n"


def test_a_misspelt_verb_is_corrected(type_in: Type) -> None:
    typed = type_in("trian", "x")
    assert (typed.status, typed.out) == (2, "")
    assert typed.errors == [
        "error: there is no verb 'trian'. Did you mean 'train' or 'transfer'?",
        "  `vertikit --help` shows how it is used.",
    ]


def test_a_wrong_option_is_a_usage_error_that_names_the_verbs_help(type_in: Type) -> None:
    typed = type_in("tasks", "--jsno")
    assert typed.status == 2
    assert "--jsno" in typed.errors[0] and "--json" in typed.errors[0]
    assert typed.errors[1] == "  `vertikit tasks --help` shows how it is used."


def verb_that(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """`vertikit fail` raises the error."""

    @click.command()
    def fail() -> None:
        raise error

    module = ModuleType("failing_verb_of_test")
    module.fail = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(verbs, "SECTIONS", {"Test": {"fail": Verb("failing_verb_of_test:fail", "Fails.")}})


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (
            VertikitError("a.csv is empty.", "Export it\nagain."),
            1,
            ["error: a.csv is empty.", "  Export it again."],
        ),
        (VertikitError("a.csv is empty."), 1, ["error: a.csv is empty."]),
        (UsageError("no.", "Do.", details=["x: 1", "y: 2"]), 2, ["error: no.", "  x: 1", "  y: 2", "  Do."]),
        (KeyboardInterrupt(), 130, ["interrupted; nothing half-written was left behind"]),
        (KeyboardInterrupt("--resume goes on"), 130, ["interrupted; --resume goes on"]),
        (
            ZeroDivisionError("division\nby zero"),
            1,
            [
                "error: unexpected: ZeroDivisionError: division by zero",
                "  This is a defect of Vertikit or of a plugin; --traceback shows where.",
            ],
        ),
    ],
)
def test_an_error_is_two_lines_and_a_status_and_no_traceback(
    type_in: Type, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, lines: list[str]
) -> None:
    verb_that(monkeypatch, error)
    typed = type_in("fail")
    assert (typed.status, [line for line in typed.errors if line], typed.out) == (status, lines, "")


@pytest.mark.parametrize("arguments", [["--traceback", "fail"], ["fail", "--traceback"]])
def test_traceback_is_shown_when_asked_for_before_or_after_the_verb(
    type_in: Type, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    verb_that(monkeypatch, VertikitError("a.csv is empty."))
    typed = type_in(*arguments)
    assert typed.status == 1
    assert "Traceback (most recent call last)" in typed.err and "raise error" in typed.err
    assert typed.errors[-1] == "error: a.csv is empty."


def test_traceback_is_shown_when_the_environment_asks_for_it(
    type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb_that(monkeypatch, VertikitError("a.csv is empty."))
    monkeypatch.setenv("VERTIKIT_TRACEBACK", "1")
    assert "Traceback" in type_in("fail").err
    monkeypatch.setenv("VERTIKIT_TRACEBACK", "0")
    assert "Traceback" not in type_in("fail").err


def test_a_message_of_unknown_length_is_cut(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    verb_that(monkeypatch, ValueError("x" * 10_000))
    assert len(type_in("fail").errors[0]) < 400


@pytest.mark.parametrize("printing", ["click.echo('x')", "print('x')"])
def test_a_reader_that_stops_early_ends_it_quietly(printing: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = (
        "import sys, click; from vertikit.cli import main, verbs; from vertikit.own_verbs import Verb;"
        f"sys.modules['said'] = type('M', (), {{'verb': click.Command('v', callback=lambda: {printing})}});"
        "verbs.SECTIONS = {'': {'v': Verb('said:verb', '')}};"
        "sys.exit(main(['v']))"
    )
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environ, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_broken_pipe_of_another_kind_is_an_error_like_any(
    type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb_that(monkeypatch, BrokenPipeError(32, "Broken pipe"))
    typed = type_in("fail")
    assert (typed.status, typed.errors[0]) == (
        1,
        "error: unexpected: BrokenPipeError: [Errno 32] Broken pipe",
    )


def test_a_terminal_without_our_signs_gets_others() -> None:
    code = "import click; from vertikit.cli import main; main(['--version']); click.echo('× –')"
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environ, timeout=60)
    assert done.stdout.splitlines()[-1] == b"\xd7 ?", done.stderr
