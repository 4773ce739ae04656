"""The order of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from vertikit.run.report.asked import bars, probes
from vertikit.run.report.certainty import calibration, reliability, risk_coverage
from vertikit.run.report.classes import classes
from vertikit.run.report.compression import compression
from vertikit.run.report.costs import again, cost
from vertikit.run.report.expertise import experts
from vertikit.run.report.few import few_shot
from vertikit.run.report.forecasts import forecasts
from vertikit.run.report.gallery import gallery
from vertikit.run.report.groups import slices
from vertikit.run.report.learning import learning_curve, training
from vertikit.run.report.mixing import confusion, mistakes
from vertikit.run.report.numbers import farthest, nearness
from vertikit.run.report.protocol import data, protocol
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.scores import metrics, tests
from vertikit.run.report.starting import starting
from vertikit.run.report.teaching import teaching
from vertikit.run.report.verdict import verdict
from vertikit.run.report.warnings import warnings
from vertikit.run.report.ways import ways
from vertikit.run.report.wording import plain

_LONG_WORD = 18
_CARD = {
    "intended_use": "Intended use",
    "population": "Population",
    "limits": "Limits",
    "decision_owner": "Who decides",
}


def assemble(run: RunFiles, texts: Mapping[int, str] | None) -> str:
    """The page as one string of HTML."""
    sections = [
        protocol(run),
        data(run),
        metrics(run),
        bars(run),
        experts(run),
        starting(run),
        teaching(run),
        compression(run),
        ways(run),
        training(run),
        confusion(run),
        forecasts(run),
        nearness(run),
        reliability(run),
        risk_coverage(run),
        classes(run),
        slices(run),
        probes(run),
        tests(run),
        gallery(run),
        mistakes(run, texts),
        farthest(run, texts),
        learning_curve(run),
        few_shot(run),
        calibration(run),
        cost(run),
        again(run),
    ]
    return page_of(
        name=run.name,
        task=run.metrics.get("task") or run.saved.get("task") or "",
        summary=run.task.summary if run.task is not None else "",
        date=run.date,
        evaluated=run.evaluated,
        verdict=verdict(run),
        warnings=warnings(run),
        sections=[section for section in sections if section is not None],
        card=_card(run),
        shows_values=texts is not None,
        files="The figures stand in metrics.json, the test rows' predictions in predictions.parquet, beside this file.",
    )


def page_of(**parts: Any) -> str:
    """The page of those parts: name, task, summary, date, evaluated, verdict, warnings (tone and sentence), sections,
    card (what and text), shows_values, and files: a sentence on what lies beside it."""
    environment = Environment(
        loader=PackageLoader("vertikit.run.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=plain_text,
    )
    environment.filters["breakable"] = breakable
    return environment.get_template("report.html.j2").render(**parts)


def plain_text(value: object) -> object:
    """Whatever the page prints, without control characters; markup and line breaks stay."""
    if type(value) is str:
        return "\n".join(plain(line) for line in value.split("\n"))
    return value


def breakable(text: str) -> Markup:
    """Escaped text whose very long words may be broken, so that no name widens its column."""
    pieces = (escape(word) if len(word) <= _LONG_WORD else _broken(word) for word in plain(text).split(" "))
    return Markup(" ").join(pieces)


def _broken(word: str) -> Markup:
    return Markup("<wbr>").join(word[start : start + 10] for start in range(0, len(word), 10))


def _card(run: RunFiles) -> list[tuple[str, str]]:
    """What the model card says, from the run itself, else from its task."""
    saved = run.saved.get("card")
    found = {}
    for key, words in _CARD.items():
        text = (
            saved.get(key) if isinstance(saved, Mapping) else getattr(run.task and run.task.card, key, None)
        )
        if text:
            found[words] = str(text)
    return list(found.items())
