"""What is wrong with a request, as problem details (RFC 9457): what, where and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vertikit.errors import VertikitError

MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read"),
    401: ("unauthorised", "A key is needed"),
    403: ("forbidden", "This is not allowed"),
    404: ("not-found", "There is no such thing here"),
    405: ("method", "This cannot be done here"),
    408: ("slow-body", "The request came too slowly"),
    409: ("conflict", "This cannot be done now"),
    413: ("too-large", "The request is too large"),
    415: ("media-type", "This kind of content is not taken"),
    422: ("unusable", "The rows cannot be used"),
    429: ("overload", "Too many requests"),
    500: ("internal", "The server failed"),
    501: ("not-offered", "The run cannot do this"),
    503: ("unavailable", "Not now"),
    504: ("too-slow", "The answer took too long"),
}
"""Status -> the last part of the problem's type, and its title."""
OTHER = ("other", "The request was refused")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the field ("rows[3].amount"), what of it, and what to do. No value stands in it."""

    field: str
    what: str
    do: str = ""

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "what": self.what, "do": self.do}


class Problem(Exception):  # noqa: N818 -- the name that RFC 9457 has for it
    """A request that is answered with an error.

    Args:
        status: of HTTP. detail: one line that says what is wrong and what to do.
        faults: of single fields. retry: seconds after which it may be asked again; 0: not said.
    """

    def __init__(self, status: int, detail: str, faults: Sequence[Fault] = (), *, retry: int = 0) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.retry = status, detail, tuple(faults), retry

    def content(self, request_id: str) -> dict[str, Any]:
        """The members of the problem."""
        kind, title = TITLES.get(self.status, OTHER)
        return {
            "type": f"urn:vertikit:problem:{kind}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "errors": [fault.as_json() for fault in self.faults],
            "request_id": request_id,
        }

    def body(self, request_id: str) -> bytes:
        return json.dumps(self.content(request_id), ensure_ascii=False).encode()

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Of the response, but for its length."""
        found = [(b"content-type", MEDIA_TYPE.encode())]
        if self.retry:
            found.append((b"retry-after", str(self.retry).encode()))
        if self.status == 401:
            found.append((b"www-authenticate", b"Bearer"))
        return found


def unusable(error: VertikitError) -> Problem:
    """The kit's own refusal of some rows."""
    return Problem(422, " ".join([error.what, *error.details, error.do]).strip())
