"""Why one row got its answer, as JSON: the parts of it with how far the answer falls without each, or a heat map."""

from __future__ import annotations

import base64
import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.deploy.predicting import prediction_table, read_examples
from vertikit.evaluate.reasons import Usual
from vertikit.explain.attribution import Asked, occluded
from vertikit.explain.parts import Reference, divided
from vertikit.explain.parts.patches import Patches
from vertikit.explain.parts.readings import sensor_means
from vertikit.prepare.places import several
from vertikit.run.pictures import as_png, beside, overlay
from vertikit.run.places import views
from vertikit.serve.answering import as_lines, with_files
from vertikit.serve.problems import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.explain.parts import Part
    from vertikit.serve.cells import Given
    from vertikit.serve.hosted import Hosted

AT_ONCE = 16
"""Copies of a row that are asked about before others have their turn."""


def can_explain(hosted: Hosted) -> bool:
    """Whether the run tells what spoke for an answer here."""
    return hosted.run.parts.locates or importlib.util.find_spec("captum") is not None


def explained(hosted: Hosted, given: Given, between: Callable[[], None]) -> dict[str, Any]:
    """`answer`, and `parts` or `heatmap`; `between` is called every now and then, for others to have their turn.

    Problem 501 where the run cannot, 422 where the row makes more than one example or none.
    """
    run = hosted.run
    if not can_explain(hosted):
        raise Problem(501, "Explanations need captum: pip install 'vertikit[explain]' where the server runs.")
    with tempfile.TemporaryDirectory(prefix="vertikit-") as folder:
        root = Path(folder) / "files"
        root.mkdir()
        rows, refused = with_files([given], root, hosted.readers, hosted.settings.pixels)
        if refused:
            raise Problem(422, f"{next(iter(refused.values()))}.")
        work = Path(folder) / "work"
        work.mkdir()
        found = read_examples(run, rows, {}, (), str(root) if given.uploads else "", work, targets=False)
        if len(found.examples) != 1:
            why = found.bad[0].reason if found.bad else f"they make {several(len(found.examples), 'example')}"
            raise Problem(422, f"What is explained is one example: {why}.")
        example = run.parts.known(found.examples, run.task)
        if run.parts.locates:
            raw, maps = run.parts.located(example)
            png = views(run.task, run.parts, example, maps)[0]
            more: dict[str, Any] = {"heatmap": _data_url(png)}
        else:
            raw = run.parts.raw(example)
            more = _parts(hosted, example, _as_given(hosted, given), between)
        table = prediction_table(run, replace(found, examples=example), run.parts.answers(raw, example))
        return {"answer": as_lines(table)[0], **more}


def _as_given(hosted: Hosted, given: Given) -> dict[str, str]:
    """The cells of a single row as they came, by the task's names: a time is no number of microseconds."""
    if len(given.rows) != 1:
        return {}
    named = ((hosted.columns.known(name), value) for name, value in given.rows[0].items())
    return {column.name: str(value) for column, value in named if column is not None and value is not None}


def _parts(
    hosted: Hosted, example: Examples, cells: Mapping[str, str], between: Callable[[], None]
) -> dict[str, Any]:
    run = hosted.run
    usual = run.parts.usual or Usual(run.task.unit)
    sensors = {} if example.windows is None else sensor_means(example.windows)
    division = divided(run.parts, run.task, example, Reference(usual, sensors))
    asked, _ = Asked.about(run.parts, example)

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        pieces = []
        for start in range(0, len(kept), AT_ONCE):
            pieces.append(asked.of(division.keeping(kept[start : start + AT_ONCE])))
            between()
        return np.concatenate(pieces)

    parts = division.parts
    weights = occluded(ask, len(parts)) if parts else np.zeros(0)
    found: dict[str, Any] = {"of": asked.said, "how": "how far the answer falls without each part"}
    start = 0
    told: list[dict[str, Any]] = []
    for kind in division.kinds:
        own = weights[start : start + len(kind.parts)]
        start += len(own)
        if isinstance(kind, Patches):
            found["heatmap"] = _data_url(_heat(kind, own))
        else:
            told += [_told(part, cells, float(weight)) for part, weight in zip(kind.parts, own, strict=True)]
    return {**found, "parts": told}


def _told(part: Part, cells: Mapping[str, str], weight: float) -> dict[str, Any]:
    if part.stop:
        told = {"text": part.value} if part.value else {}
        return {"column": part.column, **told, "start": part.start, "end": part.stop, "weight": weight}
    value = part.value if part.place else cells.get(part.column, part.value)
    return {"column": part.column, "value": value, "weight": weight}


def _heat(patches: Patches, weights: NDArray[np.float64]) -> bytes:
    """The picture and, beside it, the same under the patches that spoke for the answer."""
    heat = weights.reshape(patches.grid).clip(0, None)
    scaled = (heat / max(float(heat.max()), 1e-12)).astype(np.float32)
    return as_png(beside(overlay(patches.picture, None), overlay(patches.picture, scaled)))


def _data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
