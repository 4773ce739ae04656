"""Which unfinished run `--resume` goes on with: the newest with the same data and recipe."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vertikit.errors import UsageError
from vertikit.prepare.prepared import Sources
from vertikit.prepare.sources import shown
from vertikit.recipe import Recipe
from vertikit.run.folder import MANIFEST, PARTIAL, WORK, partial_of, sha256_of

STARTED = "started.json"


def start_record(task: str, sources: Sources, recipe: Recipe) -> dict[str, Any]:
    """What makes two trainings the same: task, recipe, and the contents of the files."""
    tests = {name: _contents(paths) for name, paths in sources.tests.items()}
    content = {
        "task": task,
        "recipe": recipe.model_dump(mode="json"),
        "data": _contents(sources.data),
        "valid": _contents(sources.valid),
        "tests": tests,
        "mapping": dict(sources.mapping),
        "drop": sorted(sources.drop),
        "types": dict(sources.types),
        "root": _contents([sources.root]),
        "unlabelled": _contents([each for each in (recipe.pretrain.data, recipe.teacher.data) if each]),
        "start": _contents([str(Path(recipe.start.run) / MANIFEST)] if recipe.start.run else []),
        "teacher": _contents([str(Path(recipe.teacher.run) / MANIFEST)] if recipe.teacher.run else []),
    }
    text = json.dumps(content, sort_keys=True)
    return {"task": task, "sha256": hashlib.sha256(text.encode()).hexdigest(), "process": os.getpid()}


def write_start(partial: Path, record: dict[str, Any]) -> None:
    """Kept among the working files."""
    (partial / WORK / STARTED).write_text(json.dumps(record), encoding="utf-8")


def find_unfinished(output: Path | None, record: dict[str, Any], parent: Path = Path("runs")) -> Path | None:
    """The partial folder to go on with, or None; UsageError where the one asked for is another training."""
    if output is not None:
        partial = partial_of(output)
        if not partial.is_dir():
            return None
        if not _same(partial, record):
            raise UsageError(
                f"{partial}: was started with other data or another recipe.",
                "Give the same ones, or remove the folder and train anew.",
            )
        return partial
    found = [each for each in parent.glob(f"*{PARTIAL}") if _same(each, record)]
    return max(found, key=lambda each: (each / WORK / STARTED).stat().st_mtime, default=None)


def _same(partial: Path, record: dict[str, Any]) -> bool:
    try:
        started = json.loads((partial / WORK / STARTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if started.get("sha256") != record["sha256"]:
        return False
    process = int(started.get("process", 0))
    if process != os.getpid() and _alive(process):
        raise UsageError(
            f"{partial}: process {process} is still training it.", "Wait for it, or stop it first."
        )
    return True


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    except PermissionError:
        return True
    return process > 0


def _contents(paths: Sequence[object]) -> list[str]:
    """sha256 of files; other sources (URLs, tables in memory) by what they print, but for passwords."""
    result = []
    for path in paths:
        # A URL may hold a statement, longer than any file system lets one ask for.
        file = Path(path) if isinstance(path, str) and "://" not in path else None
        if file is not None and file.is_file():
            result.append(sha256_of(file))
        elif file is not None and str(path) and file.is_dir():
            result.append(_listing(file))
        else:
            result.append(shown(path) if isinstance(path, str) else str(path))
    return result


def _listing(folder: Path) -> str:
    """sha256 over the names, sizes and times of the files in a folder: the contents of a million pictures take long."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            about = path.stat()
            found.update(f"{path.relative_to(folder)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
