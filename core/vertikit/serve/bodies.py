"""From a request's body to its rows: JSON, or a form with files; nothing deeper or larger than allowed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from vertikit.serve.problems import Fault, Problem
from vertikit.serve.settings import Settings
from vertikit.serve.uploads import Upload, suffix_of

JSON, FORM = "application/json", "multipart/form-data"
FIELDS = 500
"""Fields of a form, at most."""


@dataclass(frozen=True)
class Body:
    """What a request asks about.

    Args:
        rows: as they were given, column -> JSON value. single: whether it was one row, and one answer is wanted.
        uploads: files of a form, by column; it has one row.
    """

    rows: Sequence[Mapping[str, Any]]
    single: bool
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def place(self, at: int) -> str:
        """Where a row stands in the request."""
        return "row" if self.single else f"rows[{at}]"


async def read_body(kind: str, body: bytes, settings: Settings) -> Body:
    """The rows of a body of that content type; Problem where it is none that is taken, or is not well formed."""
    name = kind.partition(";")[0].strip().lower()
    if name == JSON:
        return read_json(body, settings)
    if name == FORM:
        return await _read_form(kind, body, settings)
    raise Problem(
        415, f'The content type has to be {JSON} with {{"row": ...}} or {{"rows": [...]}}, or {FORM}.'
    )


def read_json(body: bytes, settings: Settings) -> Body:
    """{"row": {...}} or {"rows": [{...}, ...]}."""
    found = parsed(body)
    if not isinstance(found, dict) or len(found.keys() & {"row", "rows"}) != 1:
        raise Problem(422, 'The body has to be {"row": {...}} or {"rows": [{...}, ...]}.')
    if unknown := sorted(found.keys() - {"row", "rows"}):
        raise Problem(422, "The body has a member that is not known.", [
            Fault(unknown[0][:100], "is not known", 'Leave it out: "row" or "rows" is all there is.')
        ])  # fmt: skip
    single = "row" in found
    rows = [found["row"]] if single else found["rows"]
    if not isinstance(rows, list) or not rows:
        raise Problem(422, '"rows" has to be a list of at least one row.', [Fault("rows", "holds no row")])
    if len(rows) > settings.rows:
        raise Problem(
            413, f"{len(rows):,} rows are more than {settings.rows:,}: send them in several requests."
        )
    for at, row in enumerate(rows):
        if not isinstance(row, dict) or not row:
            place = "row" if single else f"rows[{at}]"
            raise Problem(422, "A row has to be an object with a member for each column.", [
                Fault(place, "is no object with columns")
            ])  # fmt: skip
    return Body(rows, single)


def parsed(body: bytes) -> Any:
    """JSON, strictly: UTF-8, no name twice, numbers finite; Problem 400 where it is not."""
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once
        )
    except RecursionError:
        raise Problem(400, "The JSON is nested too deeply: a row holds plain values.") from None
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise Problem(400, f"The body is no JSON at line {error.lineno}, column {error.colno}.") from None
    except ValueError:  # an integer of thousands of digits
        raise Problem(400, "The JSON holds a number that is too long to be one.") from None


def _no_constant(name: str) -> float:
    raise Problem(400, f"{name} is no JSON: send null where a value is missing.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Problem(400, "The JSON holds a number too large to be one.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Problem(
            400, "The JSON has an object with a name twice: which of the two is meant cannot be told."
        )
    return found


async def _read_form(kind: str, body: bytes, settings: Settings) -> Body:
    """One row: fields are its cells, files its pictures and recordings, each under the name of its column."""

    async def stream() -> Any:
        yield body
        yield b""

    parser = MultiPartParser(
        Headers({"content-type": kind}),
        stream(),
        max_files=settings.files,
        max_fields=FIELDS,
        max_part_size=settings.body_bytes,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Problem(400, f"The form cannot be read: {error.message}") from None
    except (KeyError, ValueError, UnicodeDecodeError):
        raise Problem(400, "The form cannot be read.") from None
    row: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    try:
        for name, value in form.multi_items():
            if name in row:
                raise Problem(400, "The form has a field twice: which of the two is meant cannot be told.")
            if isinstance(value, UploadFile):
                uploads[name] = Upload(await value.read(), suffix_of(value.filename or ""))
            row[name] = "" if isinstance(value, UploadFile) else value
    finally:
        await form.close()
    if not row:
        raise Problem(422, "The form has no field.", [Fault("row", "holds no column")])
    return Body([row], True, uploads)
