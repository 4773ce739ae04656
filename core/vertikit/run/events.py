"""log.jsonl: an event a line, with the time; counts and scores, never a row's values."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class EventLog:
    """Appends to a run's log.jsonl."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log.jsonl"

    def write(self, event: str, **values: Any) -> None:
        """One line: time (UTC, ISO 8601), event, and what belongs to it."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": stamp, "event": event, **values}, ensure_ascii=False) + "\n")
