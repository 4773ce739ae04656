"""Logs on standard error: a JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, TextIO


class Log:
    """Writes events; what they hold is for the caller to choose, and values of rows are not among it unless asked."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def write(self, event: str, **members: Any) -> None:
        """One line. A stream that is closed or full ends no request."""
        entry = {"time": _now(), "event": event, **members}
        line = json.dumps(entry, ensure_ascii=False, default=str)
        stream = self._stream or sys.stderr
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            pass


class JsonLines(logging.Handler):
    """What libraries log, in the same form; of an error its kind and place, not its words, which may quote a row."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._log.write("library", level=record.levelname.lower(), error=described(record.exc_info[1]))
            return
        self._log.write("library", level=record.levelname.lower(), message=record.getMessage())


def described(error: BaseException) -> dict[str, Any]:
    """The kind of an error and where it arose, without its message."""
    import traceback

    places = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    return {"kind": type(error).__name__, "at": places[-8:]}


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
