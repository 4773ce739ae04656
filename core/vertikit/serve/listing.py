"""What `GET /v1/tasks` says of a run."""

from __future__ import annotations

from typing import Any

from vertikit.columns import Column
from vertikit.picture_columns import Image
from vertikit.series_columns import Recording
from vertikit.serve.answering import Answer
from vertikit.serve.hosted import Hosted


def entry(hosted: Hosted) -> dict[str, Any]:
    """One of `tasks`."""
    run, sample = hosted.run, hosted.sample
    return {
        "run": hosted.name,
        "task": hosted.route,
        "title": hosted.route.partition("/")[2].replace("-", " ").capitalize(),
        "summary": run.task.summary,
        "verdict": run.verdict,
        "primary": primary(hosted),
        "kind": run.outcome.kind,
        "labels": list(run.labels),
        "target": run.task.target.name,
        "unit": run.task.unit,
        "inputs": [column_entry(column) for column in hosted.columns.read],
        "example": dict(sample.rows[0]) if sample.rows else None,
        "examples": [dict(row) for row in sample.rows],
        "example_note": sample.note,
        "windows": hosted.windows,
        "depends": hosted.depends,
        "images": any(isinstance(column, Image) for column in hosted.columns.read),
        "explains": hosted.explains,
        "decision_owner": run.task.card.decision_owner,
        "links": hosted.links(),
    }


def primary(hosted: Hosted) -> dict[str, Any]:
    """The metric that decides, on the test part."""
    metrics = hosted.run.metrics
    name = str(metrics["primary"])
    found = (metrics.get("test") or {}).get(name) or {}
    return {"name": name, "value": found.get("value"), "ci95": found.get("ci95")}


def column_entry(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type_name,
        "required": column.required,
        "help": column.help,
        "private": column.private,
        "modality": column.modality,
        "schema": column_schema(column),
    }


def column_schema(column: Column) -> dict[str, Any]:
    """The JSON Schema of one cell, as a request gives it."""
    schema = column.json_schema()
    if isinstance(column, Image | Recording):
        return {
            "type": "string",
            "pattern": "^data:",
            "description": f"{column.help} (its content as data:image/png;base64,… or a file of a form)".strip(),
        }
    return schema


def answer_schema(hosted: Hosted) -> dict[str, Any]:
    """The JSON Schema of an answer, by the one that the example got."""
    sample: Answer = dict(hosted.sample.answer or {})
    properties: dict[str, Any] = {}
    for name, value in sample.items():
        kind = {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")
        properties[name] = {"type": [kind, "null"]}
    if "row" in properties:
        properties["row"] = {"type": "integer", "description": "Its place in the request, from 1."}
    for name in ("decision", "reason", "error", "id", "truth"):
        if name in properties:
            properties[name] = {"type": ["string", "number", "null"]}
    return {"type": "object", "properties": properties}
