"""The OpenAPI document of the runs in service: a concrete path for each task, with its columns and a real example."""

from __future__ import annotations

from typing import Any

from vertikit import __version__
from vertikit.serve.fleet import Fleet
from vertikit.serve.hosted import Hosted
from vertikit.serve.listing import answer_schema, column_schema
from vertikit.serve.problems import MEDIA_TYPE, TITLES

REFUSALS = (400, 401, 404, 408, 413, 415, 422, 503, 504)
RUN = {
    "name": "run",
    "in": "query",
    "required": False,
    "description": "Which of the runs of this task answers; without it, the first.",
}


def document(fleet: Fleet) -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, Any] = {
        "/v1/tasks": {"get": _get("What is served, with inputs and an example each.", "tasks")},
        "/healthz": {"get": _get("Whether the server lives.", "live", secured=False)},
        "/readyz": {"get": _get("Whether it takes requests.", "ready", secured=False, refusals=(503,))},
        "/metrics": {"get": _get("Figures for Prometheus.", "metrics", "text/plain")},
    }
    tasks: dict[str, list[Hosted]] = {}
    for hosted in fleet.all():
        tasks.setdefault(hosted.route, []).append(hosted)
    for route, runs in tasks.items():
        first, name = runs[0], route.replace("/", "_").replace("-", "_")
        run = {**RUN, "schema": {"type": "string", "enum": [each.name for each in runs]}}
        answer = answer_schema(first)
        common = {"run": {"type": "string"}, "request_id": {"type": "string"}}
        several = {"type": "object", "properties": {**common, "answers": {"type": "array", "items": answer}}}
        single = {"type": "object", "properties": {**common, "answer": answer}}
        paths[f"/v1/{route}/predict"] = {
            "post": _post(
                first,
                run,
                f"predict_{name}",
                first.run.task.summary,
                several if first.windows else {"anyOf": [single, several]},
            )
        }
        paths[f"/v1/{route}/explain"] = {
            "post": _post(
                first,
                run,
                f"explain_{name}",
                "Why one row gets its answer.",
                {"type": "object", "properties": {**common, "answer": answer, "parts": {"type": "array"}}},
            )
        }
        card = _get("The model card.", f"card_{name}", "text/markdown", refusals=(401, 404))
        paths[f"/v1/{route}/card"] = {"get": {**card, "parameters": [run]}}
    if fleet.settings.admin_key and fleet.settings.runs_root is not None:
        paths |= _admin()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vertikit",
            "version": __version__,
            "description": "Runs in service. Errors are problem details (RFC 9457) that name the field.",
        },
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM}, "securitySchemes": SCHEMES},
        **({"security": [{"key": []}]} if fleet.settings.keys else {}),
    }


PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "what", "do")},
            },
        },
        "request_id": {"type": "string"},
    },
}
SCHEMES = {"key": {"type": "http", "scheme": "bearer"}, "admin": {"type": "http", "scheme": "bearer"}}


def row_schema(hosted: Hosted) -> dict[str, Any]:
    """Of one row: a required cell is there, another may be null; further members are left aside."""
    columns = hosted.columns.read
    properties: dict[str, Any] = {}
    for column in columns:
        schema = column_schema(column)
        if isinstance(schema.get("type"), str) and not column.required:
            schema = {**schema, "type": [schema["type"], "null"]}
        if schema.get("type") == "string" and "maxLength" not in schema:
            schema = {**schema, "maxLength": hosted.settings.characters}
        properties[column.name] = schema
    required = [column.name for column in columns if column.required]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _post(
    hosted: Hosted, run: dict[str, Any], name: str, summary: str, answer: dict[str, Any]
) -> dict[str, Any]:
    row = row_schema(hosted)
    single = {
        "type": "object",
        "required": ["row"],
        "properties": {"row": row},
        "additionalProperties": False,
    }
    several = {
        "type": "object",
        "required": ["rows"],
        "properties": {
            "rows": {"type": "array", "items": row, "minItems": 1, "maxItems": hosted.settings.rows}
        },
        "additionalProperties": False,
    }
    sample = [dict(each) for each in hosted.sample.rows]
    example = {"rows": sample} if hosted.windows else {"row": sample[0] if sample else {}}
    content: dict[str, Any] = {
        "application/json": {
            "schema": several if hosted.windows else {"anyOf": [single, several]},
            **({"example": example} if sample else {}),
        }
    }
    if hosted.columns.files and not hosted.windows:
        fields = {
            each: {"type": "string", "format": "binary"} if each in hosted.columns.files else schema
            for each, schema in row["properties"].items()
        }
        content["multipart/form-data"] = {"schema": {"type": "object", "properties": fields}}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [run],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
            **_refusals((*REFUSALS, 501) if name.startswith("explain") else REFUSALS),
        },
    }


def _get(
    summary: str,
    name: str,
    kind: str = "application/json",
    *,
    secured: bool = True,
    refusals: tuple[int, ...] = (401,),
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"} if kind == "application/json" else {"type": "string"}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": {kind: {"schema": schema}}},
            **_refusals(refusals),
        },
        **({} if secured else {"security": []}),
    }


def _refusals(statuses: tuple[int, ...]) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(each): {"description": TITLES[each][1], "content": content} for each in statuses}


def _admin() -> dict[str, Any]:
    security: list[dict[str, list[str]]] = [{"admin": []}]
    return {
        "/v1/runs": {
            "post": {
                "operationId": "add_run",
                "summary": "Serve a run below the server's folder of runs.",
                "security": security,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["path"],
                                "properties": {"path": {"type": "string"}},
                                "additionalProperties": False,
                            }
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "Its entry.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    **_refusals((400, 401, 403, 404, 408, 409, 413, 415, 422)),
                },
            }
        },
        "/v1/runs/{name}": {
            "delete": {
                "operationId": "remove_run",
                "summary": "Take a run out of service; what waits is answered first.",
                "security": security,
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"204": {"description": "It is gone."}, **_refusals((401, 403, 404))},
            }
        },
    }
