"""The run folder on disk: made under another name, renamed when whole, checked when read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vertikit.errors import UsageError, VertikitError

FORMAT = 1
MANIFEST = "task.json"
WORK = "work"
"""Checkpoints and tables of a run under way; gone when it is whole."""
PARTIAL = ".partial"
UNSEALED = {MANIFEST, "report.html"}
"""The manifest does not list itself, nor the report, which `vertikit report` draws again."""


def default_output(task: str, parent: Path = Path("runs")) -> Path:
    """A folder name that is not taken: runs/<task>-<date>-<time>."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    name = f"{task.replace('/', '-')}-{stamp}"
    candidate, count = parent / name, 1
    while candidate.exists() or partial_of(candidate).exists():
        count += 1
        candidate = parent / f"{name}-{count}"
    return candidate


def partial_of(output: Path) -> Path:
    """The name under which a run is made; UsageError where the output has no name to put it beside."""
    if not output.name:
        raise UsageError(f"{output}: a run needs a folder of its own.", "Name a new one with --output.")
    return output.with_name(output.name + PARTIAL)


GO_ON = "Go on with --resume, or remove the folder."


def start_folder(output: Path, unfinished: str = GO_ON) -> Path:
    """Make `<output>.partial`; UsageError where the output exists or cannot be written.

    `unfinished` says what to do where the partial one is there already.
    """
    partial = partial_of(output)
    try:
        if os.path.lexists(output):
            raise UsageError(f"{output}: exists already.", "Choose another --output, or move it away.")
        if os.path.lexists(partial):
            raise UsageError(f"{partial}: an unfinished run of that name exists.", unfinished)
        partial.mkdir(parents=True)
        (partial / WORK).mkdir(mode=0o700)
    except (OSError, ValueError) as error:  # a name with a NUL byte is a ValueError
        raise UsageError(
            f"{output}: cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another --output.",
        ) from error
    return partial


def seal(partial: Path, output: Path, manifest: Mapping[str, Any]) -> None:
    """Drop the working files, write the manifest with the sha256 of every file, and give the final name."""
    shutil.rmtree(partial / WORK, ignore_errors=True)
    files = {
        path.relative_to(partial).as_posix(): sha256_of(path)
        for path in sorted(partial.rglob("*"))
        if path.is_file() and path.relative_to(partial).as_posix() not in UNSEALED
    }
    content = {"format": FORMAT, **manifest, "files": files}
    (partial / MANIFEST).write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    os.rename(partial, output)  # noqa: PTH104 -- Path.rename is the same call; this one says that it is atomic


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a whole, undamaged run; VertikitError where the folder is none."""
    path = folder / MANIFEST
    if folder.name.endswith(PARTIAL):
        raise UsageError(f"{folder}: this run is not finished.", "Go on with: vertikit train ... --resume")
    if not os.path.isfile(path):  # noqa: PTH113 -- Path.is_file raises where a name is too long
        there = "is no run folder: it has no task.json" if os.path.isdir(folder) else "no such run"  # noqa: PTH112
        raise UsageError(f"{folder}: {there}.", "`vertikit runs` lists the runs here.")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(sha256) for name, sha256 in manifest["files"].items()}
        version = int(manifest["format"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VertikitError(f"{path}: is damaged.", "Copy the run again, or train again.") from error
    if version > FORMAT:
        raise VertikitError(
            f"{path}: format {version} is newer than this Vertikit reads ({FORMAT}).",
            "pip install -U vertikit",
        )
    for name, expected in files.items():
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()):
            raise VertikitError(f"{path}: names a file outside the run: {name}.", "Do not use this run.")
        if not file.is_file():
            raise VertikitError(f"{file}: is missing from the run.", "Copy the run again, or train again.")
        if sha256_of(file) != expected:
            raise VertikitError(
                f"{file}: has changed since the run was made: it is damaged or was tampered with.",
                "Copy the run again, or train again.",
            )
    result: dict[str, Any] = manifest
    return result


def sha256_of(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """JSON for people and programs: indented, UTF-8, no NaN."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
