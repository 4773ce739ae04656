"""The wheel, in environments that know nothing of this checkout: the base, then each extra by itself."""

import json
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.packaging.environments import ROOT, Environment, build_wheel, make_layer

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEMOS = {
    "medical,offline": "medical/diagnosis",
    "medical": "medical/imaging",
    "finance": "finance/fraud",
    "education,offline": "education/grading",
    "manufacturing": "manufacturing/fault",
}
"""Extras -> the task whose demo needs just these."""
OTHERS = sorted(PROJECT["optional-dependencies"].keys() - {"all", "test", "dev", *DEMOS})
EXTRAS = ["", *DEMOS, *OTHERS]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def torch_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Torch and what it needs, and nothing else."""
    return make_layer(tmp_path_factory.mktemp("layer") / "torch", ["torch"])


def test_the_wheel_holds_every_package_and_what_is_no_python(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in (
        "vertikit",
        "vertikit_plugins",
        "vertikit_medical",
        "vertikit_finance",
        "vertikit_manufacturing",
    ):
        assert f"{package}/__init__.py" in names
    here = {
        str(path.relative_to(ROOT / "core")) for path in (ROOT / "core/vertikit").rglob("*") if path.is_file()
    }
    kept = {name for name in here if "__pycache__" not in name}
    assert kept <= names, sorted(kept - names)[:5]
    assert not any(name.startswith(("tests/", "benchmarks/", "examples/", "docs/")) for name in names)


def test_the_base_lists_its_tasks_and_plugins(wheel: Path, tmp_path: Path) -> None:
    layer = make_layer(tmp_path / "layer", [each.partition(">")[0] for each in PROJECT["dependencies"]])
    fresh = Environment.make(tmp_path / "env", layer)
    fresh.install("--no-deps", str(wheel))
    looked_around(fresh)


def looked_around(fresh: Environment) -> None:
    """`tasks` and `plugins list` work, everything is listed, nothing is broken and nothing is warned of."""
    tasks = fresh.run("vertikit", "tasks")
    assert (tasks.returncode, tasks.stderr) == (0, "")
    for task in DEMOS.values():
        vertical, _, name = task.partition("/")
        assert vertical in tasks.stdout and name in tasks.stdout
    listed = fresh.run("vertikit", "plugins", "list", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert {each["state"] for each in json.loads(listed.stdout)} == {"ok"}


@pytest.mark.slow
@pytest.mark.parametrize("extras", EXTRAS, ids=lambda extras: extras or "base")
def test_an_extra_by_itself_brings_what_its_demo_needs(
    wheel: Path, torch_layer: Path, tmp_path: Path, extras: str
) -> None:
    fresh = Environment.make(tmp_path / "env", torch_layer)
    fresh.install(f"{wheel}[{extras}]" if extras else str(wheel))
    looked_around(fresh)
    task = DEMOS.get(extras)
    if task is None:
        return
    done = fresh.run("vertikit", "demo", task, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "report.html" in done.stdout
    said = done.stdout + done.stderr
    assert "Warning" not in said and "pip install" not in said, said[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["medical/diagnosis", "finance/fraud", "manufacturing/fault"])
def test_without_its_extra_a_demo_says_what_to_install_in_one_line(
    wheel: Path, torch_layer: Path, tmp_path: Path, task: str
) -> None:
    fresh = Environment.make(tmp_path / "env", torch_layer)
    fresh.install(str(wheel))
    done = fresh.run("vertikit", "demo", task, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "vertikit[" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_new_plugin_is_green_by_the_words_alone(wheel: Path, torch_layer: Path, tmp_path: Path) -> None:
    fresh = Environment.make(tmp_path / "env", torch_layer)
    fresh.install(str(wheel))
    assert fresh.run("vertikit", "plugins", "new", "legal", cwd=tmp_path).returncode == 0
    folder = tmp_path / "vertikit-legal"
    fresh.install("--editable", f"{folder}[test]")
    for command in (
        ["python", "-m", "pytest", "-q"],
        ["ruff", "check", "."],
        ["mypy"],
        ["vertikit", "tasks", "legal"],
        ["vertikit", "plugins", "check", "legal"],
        ["vertikit", "demo", "legal/clauses"],
    ):
        done = fresh.run(*command, cwd=folder)
        assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-2000:])
