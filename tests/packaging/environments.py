"""Fresh environments over a layer of distributions that are here already, torch among them, so that none is copied."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def with_what_they_need(names: Iterable[str]) -> dict[str, Distribution]:
    """These distributions and all that they require, by name."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name.lower() in found:
            continue
        try:
            each = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        found[name.lower()] = each
        required = [Requirement(line) for line in each.requires or ()]
        waiting += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def make_layer(folder: Path, names: Iterable[str]) -> Path:
    """A folder with links to what these distributions and those they need have put into site-packages."""
    folder.mkdir()
    for each in with_what_they_need(names).values():
        site = Path(str(each.locate_file("")))
        for top in {path.parts[0] for path in each.files or () if path.parts[0] not in ("..", "__pycache__")}:
            if not (folder / top).exists() and (site / top).exists():
                (folder / top).symlink_to(site / top)
    return folder


@dataclass(frozen=True)
class Environment:
    """A virtual environment of a test's own."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, layer: Path) -> Environment:
        """A fresh one in which what the layer holds is installed already."""
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "layer.pth").write_text(f"{layer}\n")
        return cls(folder)

    def run(self, *command: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """A program of this environment, with nothing of the one that runs the test, and no hub."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VERTIKIT"))
        }
        place = {"PATH": f"{self.folder}/bin:{kept['PATH']}", "VIRTUAL_ENV": str(self.folder)}
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            env={**kept, **place, "HF_HUB_OFFLINE": "1", "VERTIKIT_CACHE": str(self.folder / "cache"), **more},
            cwd=cwd or self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def install(self, *what: str) -> None:
        """With pip, within the tested set."""
        constraints = str(ROOT / "constraints.txt")
        done = self.run("python", "-m", "pip", "install", "--quiet", "--constraint", constraints, *what)
        assert done.returncode == 0, done.stdout + done.stderr


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout."""
    command = [
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([sys.executable, *command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("vertikit-*.whl")
    return wheel
