"""`vertikit plugins new`: a plugin that is right as it is written, whatever it is called."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.core.cli.conftest import Type, somewhere_else, type_in
from vertikit.errors import UsageError
from vertikit.registry import Registry, registry
from vertikit.registry.contract import CONTRACT, shown
from vertikit.template import NewPlugin, write_plugin

__all__ = ["somewhere_else", "type_in"]

NAMES = ["legal", "x", "patent-law", "a" * 40]


def checked(folder: Path, *command: str) -> str:
    """What a tool says of the folder where it finds fault; "" else."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_passes_the_linter_and_the_formatter(tmp_path: Path, name: str) -> None:
    write_plugin(NewPlugin(name, "clauses"), tmp_path / "new")
    assert checked(tmp_path / "new", "ruff", "check", "--no-cache", ".") == ""
    assert checked(tmp_path / "new", "ruff", "format", "--no-cache", "--check", ".") == ""


@pytest.mark.slow
def test_what_is_written_passes_the_type_checker(tmp_path: Path) -> None:
    write_plugin(NewPlugin("patent-law", "old-claims"), tmp_path / "new")
    assert checked(tmp_path / "new", "mypy", f"--cache-dir={tmp_path / 'cache'}") == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_placeholder_is_left_and_every_file_ends_in_a_line(tmp_path: Path, name: str) -> None:
    for path in write_plugin(NewPlugin(name, "clauses"), tmp_path / "new"):
        text = (tmp_path / "new" / path).read_text(encoding="utf-8")
        assert "<<" not in text and "<%" not in text
        assert not text or text.endswith("\n")


def test_it_declares_the_contract_of_this_engine_and_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(NewPlugin("patent-law", "old-claims"), tmp_path / "new")
    project = tomllib.loads((tmp_path / "new/pyproject.toml").read_text())["project"]
    assert project["name"] == "vertikit-patent-law"
    info = tmp_path / "new/vertikit_patent_law-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vertikit-patent-law\nVersion: 0.1\n")
    points = "\n".join(f"{name} = {path}" for name, path in project["entry-points"]["vertikit"].items())
    (info / "entry_points.txt").write_text(f"[vertikit]\n{points}\n")
    monkeypatch.syspath_prepend(str(tmp_path / "new"))
    known = Registry(environ={})
    found = next(each for each in known.plugins if each.name == "patent-law")
    assert (found.state, found.notes) == ("ok", [])
    assert {each.name: each.family for each in found.registers} == {
        "patent-law/old-claims": "tasks",
        "patent-law-prototypes": "heads",
        "patent-law-least-recall": "metrics",
    }
    assert known.task("patent-law/old-claims").recipe["head"] == "patent-law-prototypes"
    module = sys.modules["vertikit_patent_law.plugin"]
    assert module.vertikit_api == shown(CONTRACT.version)


def test_its_page_names_every_hook_there_is(tmp_path: Path) -> None:
    write_plugin(NewPlugin("legal", "clauses"), tmp_path / "new")
    text = (tmp_path / "new/vertikit_legal/plugin.py").read_text()
    for name in vars(CONTRACT.specs):
        if name.startswith(("register_", "run_", "rows_", "epoch_")):
            assert name in text or f"`_{name.removeprefix('register_')}`" in text, name


@pytest.mark.parametrize(
    "name", ["Legal", "../legal", "le gal", "a--b", "-a", "1st", "ünï", "", "a" * 41, "a\x00b", "a/b", "a_b"]
)
def test_a_name_that_could_not_be_installed_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of the plugin"):
        NewPlugin(name, "clauses")


@pytest.mark.parametrize("task", ["plugin", "heads", "class", "../x", ""])
def test_a_task_whose_module_could_not_be_called_so_is_refused(task: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of the task"):
        NewPlugin("legal", task)


def test_the_command_lists_the_files_and_says_what_is_next(type_in: Type) -> None:
    typed = type_in("plugins", "new", "legal")
    assert typed.status == 0
    assert all(Path(line).is_file() for line in typed.out.splitlines())
    assert "vertikit-legal/vertikit_legal/clauses.py" in typed.out
    assert 'cd vertikit-legal && pip install -e ".[test]" && pytest' in typed.err


def test_a_folder_that_is_there_is_left_as_it_is(type_in: Type) -> None:
    Path("vertikit-legal").mkdir()
    typed = type_in("plugins", "new", "legal")
    assert typed.status == 2 and "exists already" in typed.errors[0]
    assert list(Path("vertikit-legal").iterdir()) == []


def test_a_name_that_an_installed_plugin_has_is_refused(type_in: Type) -> None:
    own = registry().plugins[0].name
    typed = type_in("plugins", "new", own)
    assert typed.status == 2 and "installed already" in typed.errors[0]


def test_a_place_that_cannot_be_written_leaves_nothing(type_in: Type) -> None:
    Path("file").write_text("x")
    typed = type_in("plugins", "new", "legal", "--output", "file/below")
    assert typed.status == 2 and "cannot be written" in typed.errors[0]
    assert [each.name for each in Path().iterdir()] == ["file"]
