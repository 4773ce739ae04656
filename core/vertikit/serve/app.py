"""The routes of a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from vertikit.errors import VertikitError
from vertikit.serve.bodies import Body, parsed, read_body
from vertikit.serve.cells import Given
from vertikit.serve.counters import CONTENT_TYPE_LATEST, Counters
from vertikit.serve.fleet import Fleet, added, below
from vertikit.serve.gate import Gate, Trace
from vertikit.serve.hosted import Hosted
from vertikit.serve.keys import given_key, is_one_of
from vertikit.serve.listing import entry
from vertikit.serve.logs import Log
from vertikit.serve.openapi import document
from vertikit.serve.problems import MEDIA_TYPE, Fault, Problem, unusable
from vertikit.serve.settings import Settings
from vertikit.serve.static import page_routes

LARGE = 200_000
"""Bytes of a body that is taken apart beside the event loop."""


class Service:
    """What answers requests: the runs, and how the server is.

    `loading` while it is not ready yet, `draining` once it takes nothing more.
    """

    def __init__(self, fleet: Fleet, settings: Settings, counters: Counters) -> None:
        self.fleet, self.settings, self.counters = fleet, settings, counters
        self.loading = self.draining = False
        self._document: tuple[int, bytes] = (-1, b"")

    async def tasks(self, request: Request) -> Response:
        _trace(request, "/v1/tasks")
        return _json({"tasks": [entry(each) for each in self.fleet.all()]})

    async def predict(self, request: Request) -> Response:
        hosted, body, given = await self._asked(request, "predict")
        try:
            async with asyncio.timeout(self.settings.seconds):
                answers = await hosted.predict(given)
        except TimeoutError:
            raise Problem(504, f"There was no answer within {self.settings.seconds:g} seconds.") from None
        except VertikitError as error:
            raise unusable(error) from error
        trace = _trace(request)
        found: dict[str, Any] = {"run": hosted.name, "request_id": trace.request_id}
        if body.single and not hosted.windows:
            if why := answers[0]["error"]:
                raise Problem(422, f"The row cannot be used: {why}.", faults_of(str(why), hosted))
            found["answer"] = answers[0]
        else:
            found["answers"] = answers
        found |= _said(given)
        if self.settings.log_values:
            trace.values |= {"asked": list(given.rows), "answers": answers}
        return _json(found)

    async def explain(self, request: Request) -> Response:
        hosted, body, given = await self._asked(request, "explain")
        if not body.single and not hosted.windows:
            raise Problem(
                422, 'One row is explained at a time: {"row": {...}}.', [Fault("rows", "are several")]
            )
        try:
            async with asyncio.timeout(self.settings.seconds):
                found = await hosted.explain(given)
        except TimeoutError:
            raise Problem(504, f"There was no answer within {self.settings.seconds:g} seconds.") from None
        except VertikitError as error:
            raise unusable(error) from error
        return _json({"run": hosted.name, "request_id": _trace(request).request_id, **found, **_said(given)})

    async def card(self, request: Request) -> Response:
        _trace(request, "/v1/{vertical}/{task}/card")
        return Response(self._hosted(request).card, media_type="text/markdown; charset=utf-8")

    async def add(self, request: Request) -> Response:
        _trace(request, "/v1/runs")
        root = self._check_admin(request)
        _check_json(request)
        asked = parsed(await request.body())
        if not isinstance(asked, dict) or asked.keys() != {"path"}:
            raise Problem(422, 'The body has to be {"path": "NAME"}.', [Fault("path", "is missing")])
        hosted = await asyncio.to_thread(added, self.fleet, below(root, asked["path"]))
        return _json(entry(hosted), status=201)

    async def remove(self, request: Request) -> Response:
        _trace(request, "/v1/runs/{name}")
        self._check_admin(request)
        await asyncio.to_thread(self.fleet.remove, request.path_params["name"])
        return Response(status_code=204)

    async def live(self, request: Request) -> Response:
        _trace(request, "/healthz")
        return _json({"status": "live"})

    async def ready(self, request: Request) -> Response:
        _trace(request, "/readyz")
        if self.loading or self.draining:
            raise Problem(503, "The server is loading." if self.loading else "The server is ending.", retry=1)
        return _json({"status": "ready", "runs": len(self.fleet.all())})

    async def metrics(self, request: Request) -> Response:
        _trace(request, "/metrics")
        return Response(self.counters.text(self.fleet), media_type=CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        _trace(request, "/openapi.json")
        version = self.fleet.version
        if self._document[0] != version:
            self._document = (version, json.dumps(document(self.fleet), ensure_ascii=False).encode())
        return Response(self._document[1], media_type="application/json")

    async def _asked(self, request: Request, what: str) -> tuple[Hosted, Body, Given]:
        trace = _trace(request, f"/v1/{{vertical}}/{{task}}/{what}")
        hosted = self._hosted(request)
        trace.run = hosted.name
        if self.loading:
            raise Problem(503, "The server is loading.", retry=1)
        kind = request.headers.get("content-type", "")
        content = await request.body()
        if len(content) > LARGE:
            body, given = await asyncio.to_thread(asyncio.run, self._read(hosted, kind, content))
        else:
            body, given = await self._read(hosted, kind, content)
        trace.rows = len(given.rows)
        return hosted, body, given

    async def _read(self, hosted: Hosted, kind: str, content: bytes) -> tuple[Body, Given]:
        body = await read_body(kind, content, self.settings)
        return body, hosted.columns.given(body, self.settings)

    def _hosted(self, request: Request) -> Hosted:
        route = f"{request.path_params['vertical']}/{request.path_params['task']}"
        return self.fleet.find(route, request.query_params.get("run"))

    def _check_admin(self, request: Request) -> Path:
        """The folder that runs are taken from; Problem where the request may not add or remove any."""
        key, root = self.settings.admin_key, self.settings.runs_root
        if not key or root is None:
            raise Problem(403, "Runs are not added or removed here: start with --admin-key and --runs-root.")
        if not is_one_of(given_key(request.scope["headers"]), [key]):
            raise Problem(401, "Give the key for adding and removing runs: Authorization: Bearer KEY.")
        return root


def build_app(service: Service, log: Log) -> Gate:
    """The whole application, and the page at /."""
    app = FastAPI(title="Vertikit", docs_url=None, redoc_url=None, openapi_url=None)
    routes: list[tuple[str, Any, str]] = [
        ("/healthz", service.live, "GET"),
        ("/readyz", service.ready, "GET"),
        ("/metrics", service.metrics, "GET"),
        ("/openapi.json", service.openapi, "GET"),
        ("/v1/tasks", service.tasks, "GET"),
        ("/v1/runs", service.add, "POST"),
        ("/v1/runs/{name}", service.remove, "DELETE"),
        ("/v1/{vertical}/{task}/predict", service.predict, "POST"),
        ("/v1/{vertical}/{task}/explain", service.explain, "POST"),
        ("/v1/{vertical}/{task}/card", service.card, "GET"),
    ]
    for path, endpoint, method in routes:
        app.add_route(path, endpoint, methods=[method])
    app.router.routes.extend(page_routes())
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Exception, _failed)
    return Gate(cast("ASGIApp", app), service.settings, service.counters, log)


def faults_of(error: str, hosted: Hosted) -> list[Fault]:
    """The columns that a row's error speaks of: "text is missing; age is no number"."""
    faults = []
    for said in error.split("; "):
        name, _, what = said.partition(" ")
        column = hosted.columns.known(name)
        faults.append(Fault("row" if column is None else f"row.{name}", said if column is None else what))
    return faults


async def _refused(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: no such path, no such method."""
    assert isinstance(error, HTTPException)
    said = {404: "There is nothing at this path.", 405: "This path does not take that method."}
    response = await _problem(
        request, Problem(error.status_code, said.get(error.status_code, str(error.detail)))
    )
    response.headers.update(error.headers or {})
    return response


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    response = Response(error.body(_trace(request).request_id), error.status, media_type=MEDIA_TYPE)
    response.headers.update({name.decode(): value.decode() for name, value in error.headers()})
    return response


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """The framework raises the error again once this is sent, and the gate logs it."""
    return await _problem(
        request, Problem(500, "The server failed on this request; its log has the request id.")
    )


def _check_json(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "The content type has to be application/json.")


def _said(given: Given) -> dict[str, Any]:
    """What the client should know of its rows."""
    found: dict[str, Any] = {}
    if given.notes:
        found["notes"] = [note.as_json() for note in given.notes]
    if given.ignored:
        found["ignored"] = list(given.ignored)
    return found


def _trace(request: Request, route: str = "") -> Trace:
    trace: Trace = request.scope["state"]["trace"]
    if route:
        trace.route = route
    return trace


def _json(content: Any, status: int = 200) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, allow_nan=False), status, media_type="application/json"
    )
