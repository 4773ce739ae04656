"""VERTIKIT_TRACE tells of each import and each hook, and an import that is slow is named."""

import re

import pytest

from tests.core.registry.faking import FakePlugins, one_head, record

LINE = re.compile(r"trace: +(\d+\.\d\d) ms  (\S+)  (.+)")


def traced(plugins: FakePlugins, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    known = plugins.load(VERTIKIT_TRACE="1")
    known.announce("run_finished", run=None)
    found = [
        LINE.fullmatch(line) for line in capsys.readouterr().err.splitlines() if line.startswith("trace")
    ]
    assert all(found)
    return [(each[2], each[3]) for each in found if each]


def test_each_import_and_each_hook_is_told_in_its_order(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = "@hookimpl\ndef run_finished(run):\n    pass\n"
    plugins.add("legal", one_head("clause") + ending)
    plugins.add("tracker", ending)
    assert traced(plugins, capsys) == [
        ("legal", "import"),
        ("legal", "register_heads"),
        ("tracker", "import"),
        ("legal", "run_finished"),
        ("tracker", "run_finished"),
    ]


def test_what_fails_is_told_with_its_error(plugins: FakePlugins, capsys: pytest.CaptureFixture[str]) -> None:
    plugins.add("legal", "1 / 0\n")
    plugins.add("tracker", "@hookimpl\ndef run_finished(run):\n    raise RuntimeError('no\\nnetwork')\n")
    assert traced(plugins, capsys) == [
        ("legal", "import  ZeroDivisionError: division by zero"),
        ("tracker", "import"),
        ("tracker", "run_finished  RuntimeError: no network"),
    ]


@pytest.mark.parametrize("value", ["0", ""])
def test_nothing_is_told_unasked(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    plugins.add("legal", one_head("clause"))
    plugins.load(VERTIKIT_TRACE=value)
    assert capsys.readouterr().err == ""


def test_a_slow_import_is_named_with_its_time_and_works(plugins: FakePlugins) -> None:
    plugins.add("legal", "import time\ntime.sleep(0.4)\n" + one_head("clause"))
    plugins.add("quick", one_head("other"))
    known = plugins.load()
    legal = record(known, "legal")
    assert legal.state == "ok" and legal.seconds >= 0.4
    assert re.search(r"slow: its import takes 0\.[4-9] s", " ".join(legal.notes))
    assert not any("slow" in note for note in record(known, "quick").notes)


def test_a_slow_import_names_the_libraries_that_it_brings(plugins: FakePlugins) -> None:
    package = plugins.folder / "heavyweight_library"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for number in range(25):
        (package / f"part{number}.py").write_text("")
    imports = "".join(f"import heavyweight_library.part{number}\n" for number in range(25))
    plugins.add("legal", "import time\ntime.sleep(0.4)\n" + imports)
    assert "with heavyweight_library" in " ".join(record(plugins.load(), "legal").notes)


@pytest.mark.parametrize("mark", ["wrapper=True", "hookwrapper=True"])
def test_a_hook_that_wraps_the_others_is_refused(plugins: FakePlugins, mark: str) -> None:
    plugins.add("legal", f"@hookimpl({mark})\ndef run_finished(run):\n    yield\n")
    legal = record(plugins.load(), "legal")
    assert legal.state == "broken" and "run_finished is a wrapper" in legal.reason
