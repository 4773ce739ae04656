"""The files of the page at `/`: their content, types and headers, and the routes that give them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

FOLDER = "page"
"""Of the files, in this package and in their addresses."""
INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",  # previews of pictures and heat maps
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # no text becomes HTML, whatever a script of ours gets wrong
        "trusted-types 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, and asked about by its ETag: another version shows at once
}


@dataclass(frozen=True)
class PageFile:
    """A file of the page: its bytes, its media type, and a tag that other bytes do not have."""

    content: bytes
    media_type: str
    etag: str


@cache
def page_files() -> Mapping[str, PageFile]:
    """All files by name, read once; what is not among them is not given, however a path is spelt."""
    found = {}
    for entry in files(__package__).joinpath(FOLDER).iterdir():
        _, dot, suffix = entry.name.rpartition(".")
        if entry.is_file() and dot + suffix in _TYPES:
            content = entry.read_bytes()
            tag = hashlib.sha256(content).hexdigest()[:20]
            found[entry.name] = PageFile(content, _TYPES[dot + suffix], f'"{tag}"')
    return found


def page_response(name: str, known: str | None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for a file's name; `known` is the request's If-None-Match."""
    file = page_files().get(name)
    if file is None:
        return 404, {**HEADERS, "Content-Type": "text/plain; charset=utf-8"}, b"There is no such file."
    headers = {**HEADERS, "Content-Type": file.media_type, "ETag": file.etag}
    tags = {tag.strip().removeprefix("W/") for tag in (known or "").split(",")}
    return (304, headers, b"") if file.etag in tags else (200, headers, file.content)


def page_routes() -> list[Route]:
    """Routes of Starlette for `/` and `/page/NAME`; they need no key, and hold nothing of any run."""
    from starlette.responses import Response
    from starlette.routing import Route

    async def give(request: Request) -> Response:
        name = request.path_params.get("name", INDEX)
        status, headers, body = page_response(name, request.headers.get("if-none-match"))
        return Response(body, status, headers)

    return [
        Route("/", give, methods=["GET", "HEAD"], include_in_schema=False),
        Route(f"/{FOLDER}/{{name}}", give, methods=["GET", "HEAD"], include_in_schema=False),
    ]
