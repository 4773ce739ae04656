"""The plugins in `examples/` pass their own tests, found by an entry point as third parties are."""

import ast
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDS = {"vertikit-mlflow": "mlflow"}
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/pyproject.toml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_passes_its_own_tests_as_a_third_party(example: Path, tmp_path: Path) -> None:
    if example.name in NEEDS and find_spec(NEEDS[example.name]) is None:
        pytest.skip(f"{NEEDS[example.name]} is not installed")
    project = tomllib.loads((example / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["vertikit"].items())
    (info / "entry_points.txt").write_text(f"[vertikit]\n{points}")
    places = [str(example), str(tmp_path), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={example}", str(example)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


PUBLIC = {"vertikit", "vertikit.contracts", "vertikit.hookspecs", "vertikit.registry", "vertikit.testing"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_uses_the_public_interface_alone(example: Path) -> None:
    for path in example.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            ours = {name for name in names if name.split(".")[0].removeprefix("vertikit") in ("", "_plugins")}
            assert ours <= PUBLIC, f"{path}: {ours - PUBLIC}"
