"""Results as JSON files, one a benchmark, so that one of them can be taken again by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.machine import circumstances

FOLDER = Path(__file__).with_name("results")


class Results:
    """Entries of a benchmark by key; each is written at once, with the circumstances it was taken in."""

    def __init__(self, name: str) -> None:
        self._path = FOLDER / f"{name}.json"
        self.entries: dict[str, dict[str, Any]] = load(name)

    def keep(self, key: str, entry: dict[str, Any]) -> None:
        """Store an entry in place of the one with the same key, and show it."""
        self.entries[key] = {**entry, "taken": circumstances()}
        FOLDER.mkdir(exist_ok=True)
        self._path.write_text(json.dumps(self.entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{key}: {json.dumps(entry)}", flush=True)


def load(name: str) -> dict[str, dict[str, Any]]:
    """The entries that were kept; none where the benchmark has not been taken."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
