"""JSON lines, plain or gzipped: an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from vertikit import VertikitError
from vertikit.contracts import BadRow, Loaded
from vertikit.prepare.row_file import as_text, row_schema, string_batches, write_rows
from vertikit_plugins.loaders.files import has_suffix, open_text_bytes

_NUMBERS_AS_WRITTEN = {"parse_int": str, "parse_float": str, "parse_constant": str}


class JsonLinesLoader:
    """Keys are columns; numbers stand as they are written, lists and objects as JSON, null is missing.

    A line that is no JSON object, or not UTF-8, is a bad row. Empty lines are no rows.
    """

    def reads(self, source: str) -> bool:
        return has_suffix(source, (".jsonl", ".ndjson", ".json"))

    def load(self, source: str, folder: Path) -> Loaded:
        # Twice over the file: a key may turn up in the last line, and the columns come first.
        columns: dict[str, None] = {}
        bad: list[BadRow] = []
        for _, content in _lines(source):
            if isinstance(content, BadRow):
                bad.append(content)
            else:
                columns.update(dict.fromkeys(content))
        if not columns and not bad:
            raise VertikitError(f"{source} has no rows.", "Export it again, with its rows.")
        if not columns:
            raise VertikitError(
                f"{source} has no line that is a JSON object (row {bad[0].row} {bad[0].reason}).",
                "Write one object a line; of an array, jq -c '.[]' OLD > NEW makes lines.",
            )
        path = folder / "rows.arrow"
        write_rows(
            path, row_schema(tuple(columns)), string_batches(tuple(columns), _values(source, tuple(columns)))
        )
        return Loaded(path, tuple(columns), tuple(bad))


def _values(source: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
    for row, content in _lines(source):
        if not isinstance(content, BadRow):
            yield row, [as_text(content.get(name)) for name in columns]


def _lines(source: str) -> Iterator[tuple[int, dict[str, object] | BadRow]]:
    row = 0
    with open_text_bytes(source) as stream:
        for line in stream:
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if text:
                row += 1
                yield row, _object(row, text)


def _object(row: int, line: bytes) -> dict[str, object] | BadRow:
    try:
        text = line.decode()
        content = json.loads(text, **_NUMBERS_AS_WRITTEN)  # type: ignore[arg-type]
        if not isinstance(content, dict):
            return BadRow(row, "is no JSON object", text)
        if any(isinstance(value, (dict, list)) for value in content.values()):
            nested = json.loads(text)
            content = {
                key: nested[key] if isinstance(value, (dict, list)) else value
                for key, value in content.items()
            }
        if r"\ud" in text.lower():
            json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except UnicodeError:
        return BadRow(row, "is not UTF-8", line.decode(errors="replace"))
    except (json.JSONDecodeError, RecursionError):
        return BadRow(row, "is not JSON", text)
    return content
