"""A real third party: it is installed by pip, found by its entry point, and stands on the public interface alone."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import vertikit_city

PUBLIC = {"vertikit", "vertikit.contracts", "vertikit.hookspecs", "vertikit.testing"}
HERE = Path(__file__).parents[1]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_nothing_private_of_vertikit_is_imported() -> None:
    package = Path(vertikit_city.__file__).parent
    files = [*package.rglob("*.py"), *(HERE / "tests").glob("*.py")]
    assert len(files) > 10
    for path in files:
        named = {name for name in imports(path) if name.split(".")[0].startswith("vertikit")}
        foreign = {name for name in named if not name.startswith("vertikit_city")} - PUBLIC
        assert not foreign, f"{path.name} imports {foreign}"


def test_the_plugin_is_found_without_torch_or_pandas() -> None:
    code = (
        "import sys, vertikit_city.plugin, vertikit_city.demand, vertikit_city.anomaly; "
        "print([name for name in ('torch', 'pandas', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(
    "VERTIKIT_INSTALL_TESTS" not in os.environ, reason="installs; set VERTIKIT_INSTALL_TESTS=1"
)
def test_pip_installs_it_and_its_tasks_are_listed(tmp_path: Path) -> None:
    """In an environment of its own, above the packages of this one."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (Path(site) / "below.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", str(HERE)], check=True)
    kept = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join(each for each in kept if not each.endswith("vertikit-city"))
    done = subprocess.run(
        [python, "-m", "vertikit", "tasks", "city"], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": path}, cwd=tmp_path,
    )  # fmt: skip
    assert "city/demand" in done.stdout and "city/anomaly" in done.stdout
