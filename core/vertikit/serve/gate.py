"""Around every request: its id, its key, how large and how slow it may be, and what is counted and logged of it."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vertikit.serve.counters import Counters
from vertikit.serve.keys import given_key, is_one_of
from vertikit.serve.logs import Log, described
from vertikit.serve.problems import Problem
from vertikit.serve.settings import SMALL_BODY, Settings

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
PROTECTED = ("/v1", "/metrics", "/openapi.json")
"""Beginnings of paths that need a key, where keys are asked for."""
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
]


@dataclass
class Trace:
    """What is known of a request while it is answered. `route` is one of the server's own, with its braces."""

    request_id: str
    route: str = "other"
    run: str = ""
    rows: int = 0
    status: int = 0
    received: int = 0
    values: dict[str, Any] = field(default_factory=dict)


class Gate:
    """The outermost application: no request passes it by, and whatever happens behind it, there is an answer."""

    def __init__(self, app: ASGIApp, settings: Settings, counters: Counters, log: Log) -> None:
        self._app, self._settings, self._counters, self._log = app, settings, counters, log
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        headers = dict(scope["headers"])
        wanted = headers.get(b"x-request-id", b"")
        trace = Trace(wanted.decode() if _ID.fullmatch(wanted) else uuid.uuid4().hex)
        scope.setdefault("state", {})["trace"] = trace
        reading = _Reading(self, scope, receive, headers, trace, started)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                more = [(b"x-request-id", trace.request_id.encode()), *HEADERS]
                if reading.unfinished:
                    more.append((b"connection", b"close"))
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        try:
            try:
                self._check_key(scope["path"], headers)
                reading.check_length()
                await self._app(scope, reading.receive, answer)
            except Problem as problem:
                await self._refuse(problem, trace, answer)
            except Exception as error:
                self._log.write("failed", request_id=trace.request_id, error=described(error))
                await self._refuse(
                    Problem(500, "The server failed on this request; its log has the request id."),
                    trace,
                    answer,
                )
        finally:
            reading.release()
            self._tell(scope, trace, time.monotonic() - started)

    async def _refuse(self, problem: Problem, trace: Trace, send: Send) -> None:
        if trace.status:  # an answer is under way already
            return
        body = problem.body(trace.request_id)
        headers = [*problem.headers(), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _check_key(self, path: str, headers: dict[bytes, bytes]) -> None:
        known = self._settings.keys
        if not known or not path.startswith(PROTECTED):
            return
        given = given_key(headers.items())
        everyone = (*known, self._settings.admin_key) if self._settings.admin_key else known
        if not is_one_of(given, everyone):
            raise Problem(401, "Give a key of this server: Authorization: Bearer KEY.")

    def _tell(self, scope: Scope, trace: Trace, seconds: float) -> None:
        status = trace.status or 499  # the client was gone before there was an answer
        self._counters.requests.labels(trace.route, str(status)).inc()
        self._counters.seconds.labels(trace.route).observe(seconds)
        members: dict[str, Any] = {
            "request_id": trace.request_id,
            "method": scope["method"] if scope["method"].isalpha() else "?",
            "route": trace.route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "bytes": trace.received,
        }
        if trace.run:
            members |= {"run": trace.run, "rows": trace.rows}
        if self._settings.log_values:
            members |= trace.values
        self._log.write("request", **members)

    def take(self, count: int, own: int) -> None:
        """Count bytes that a request holds, `own` in all; Problem 503 where all of them together are too many."""
        self._held += count
        if own > SMALL_BODY and self._held > self._settings.held_bytes:
            raise Problem(503, "Too many large requests are being read: ask again later.", retry=1)

    def give(self, count: int) -> None:
        """A request is over that held so many."""
        self._held -= count


class _Reading:
    """The body of one request as it comes in."""

    def __init__(
        self,
        gate: Gate,
        scope: Scope,
        receive: Receive,
        headers: dict[bytes, bytes],
        trace: Trace,
        started: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gate, self._receive, self._trace, self._clock = gate, receive, trace, clock
        self._most = gate._settings.body_bytes
        self._until = started + gate._settings.body_seconds
        self._length = headers.get(b"content-length", b"")
        self.unfinished = scope["method"] in ("POST", "PUT", "PATCH", "DELETE")

    def check_length(self) -> None:
        """Problem 413 where a request says by itself that it is too large: nothing of it is read."""
        if self._length.isdigit() and int(self._length[:20]) > self._most:
            raise self._too_large()

    async def receive(self) -> Message:
        """The next piece; Problem 413 as soon as there is too much of it, 408 where it does not come in time."""
        if not self.unfinished:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.001, self._until - self._clock())):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                408, "The body of the request did not come in time: send it again, faster."
            ) from None
        if message["type"] != "http.request":
            return message
        count = len(message.get("body", b""))
        self._trace.received += count
        self._gate.take(count, self._trace.received)
        if self._trace.received > self._most:
            raise self._too_large()
        self.unfinished = bool(message.get("more_body", False))
        return message

    def release(self) -> None:
        self._gate.give(self._trace.received)

    def _too_large(self) -> Problem:
        return Problem(413, f"The body has more than {self._most:,} bytes: send less at once.")
