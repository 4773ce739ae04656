"""What can be read of a run folder in a moment, for listings; of its files, only the numbers are verified."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vertikit.cli.finished import interval
from vertikit.errors import UsageError
from vertikit.run.folder import PARTIAL, sha256_of


@dataclass(frozen=True)
class RunLine:
    """One run: `state` is "ok", "unfinished" or "damaged"."""

    folder: Path
    state: str
    manifest: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    changed: float = 0.0

    @property
    def task(self) -> str:
        return str(self.manifest.get("task") or self.metrics.get("task") or "")

    @property
    def primary(self) -> str:
        return str(self.metrics.get("primary", ""))

    @property
    def date(self) -> str:
        return str(
            self.manifest.get("created") or time.strftime("%Y-%m-%d %H:%M", time.localtime(self.changed))
        )

    def score(self) -> str:
        """The primary metric on the test rows with its interval."""
        return interval(_mapping(self.metrics.get("test")).get(self.primary))


def find_runs(parent: Path) -> list[RunLine]:
    """The runs in a folder, newest first, unfinished and damaged ones among them."""
    if not parent.is_dir():
        return []
    found = [read_run(each) for each in parent.iterdir() if each.is_dir() and _looks_like_a_run(each)]
    return sorted(found, key=lambda run: run.changed, reverse=True)


def read_run(folder: Path) -> RunLine:
    """One run; UsageError where the folder is none."""
    if not folder.is_dir():
        raise UsageError(f"there is no run folder {folder}.", "`vertikit runs` lists those under ./runs.")
    changed = folder.stat().st_mtime
    if folder.name.endswith(PARTIAL):
        return RunLine(folder, "unfinished", changed=changed)
    if not _looks_like_a_run(folder):
        raise UsageError(f"{folder} is no run folder.", "`vertikit runs` lists those under ./runs.")
    manifest, metrics = _read(folder / "task.json"), _read(folder / "metrics.json")
    if manifest is None or metrics is None:
        return RunLine(folder, "damaged", manifest or {}, metrics or {}, changed)
    files = manifest.get("files")
    expected = files.get("metrics.json") if isinstance(files, dict) else None
    if expected is not None and sha256_of(folder / "metrics.json") != expected:
        return RunLine(folder, "damaged", manifest, metrics, changed)
    return RunLine(folder, "ok", manifest, metrics, changed)


def run_json(run: RunLine) -> dict[str, Any]:
    """A run in a listing as data."""
    return {
        "folder": str(run.folder),
        "state": run.state,
        "task": run.task,
        "date": run.date,
        "primary": run.primary,
        "test": _mapping(run.metrics.get("test")).get(run.primary),
        "verdict": run.metrics.get("verdict", ""),
    }


def _looks_like_a_run(folder: Path) -> bool:
    return folder.name.endswith(PARTIAL) or any(
        (folder / name).is_file() for name in ("task.json", "metrics.json")
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
