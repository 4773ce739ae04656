"""Writes README.md, the model card: front matter as the Hugging Face Hub reads it, then plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import VertikitError
from vertikit.run.report.measures import better, called, of_class
from vertikit.run.report.verdict import best_baseline
from vertikit.run.report.wording import Score, capital, count, finite, number, plain, share

if TYPE_CHECKING:
    from vertikit.contracts import BackboneInfo
    from vertikit.recipe import Recipe
    from vertikit.task import Task

_PIPELINES = {
    ("text", "label"): "text-classification",
    ("text", "labels"): "text-classification",
    ("image", "label"): "image-classification",
    ("image", "labels"): "image-classification",
    ("series", "future"): "time-series-forecasting",
    ("text", "ranking"): "text-ranking",
}
"""(modality of the encoder, type of the target) -> the Hub's word for what the model does."""

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_HUB_ID = re.compile(r"hub:([\w.-]+/[\w.-]+)")


def write_card(
    folder: Path, task: Task, metrics: Mapping[str, Any], recipe: Recipe, info: BackboneInfo
) -> Path:
    """Write `README.md` into a run folder and give its path.

    Args:
        metrics: the content of metrics.json; what is absent is left out.
        info: the encoder that was adapted, for its licence, languages and origin.

    Raises:
        VertikitError: where the file cannot be written.
    """
    import yaml

    name = folder.resolve().name.removesuffix(".partial")
    front = yaml.safe_dump(
        _front_matter(name, task, metrics, recipe, info), sort_keys=False, allow_unicode=True, width=1000
    )
    body = "\n\n".join(_body(name, task, metrics, recipe, info))
    path = folder / "README.md"
    try:
        path.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8", errors="replace")
    except OSError as error:
        raise VertikitError(f"{path} cannot be written: {error.strerror or error}.", "Free it.") from error
    return path


def _front_matter(
    name: str, task: Task, metrics: Mapping[str, Any], recipe: Recipe, info: BackboneInfo
) -> dict[str, Any]:
    """Keys as huggingface_hub's ModelCardData has them."""
    pipeline = _PIPELINES.get((info.modality, task.target.type_name))
    front: dict[str, Any] = {"license": _licence(info.licence)}
    if front["license"] == "other":
        front["license_name"] = plain(info.licence)
    if info.languages:
        front["language"] = [plain(language) for language in info.languages]
    base = _base_model(info)
    if base:
        front["base_model"] = base
    if pipeline:
        front["pipeline_tag"] = pipeline
    front["library_name"] = "vertikit"
    front["tags"] = list(dict.fromkeys(["vertikit", *task.name.split("/"), recipe.strategy.name]))
    figures = [
        {"type": key, "name": called(key), "value": score.value}
        for key, score in _totals(metrics.get("test") or {}, metrics)
    ]
    if figures:
        result = {
            "task": {"type": pipeline or "other", "name": task.name},
            "dataset": {"type": "custom", "name": "the user's own data, test part", "split": "test"},
            "metrics": figures,
        }
        front["model-index"] = [{"name": plain(name), "results": [result]}]
    return front


def _licence(text: str) -> str:
    """As the Hub writes it; what is no identifier is «other», what was not stated «unknown»."""
    word = text.strip().casefold()
    if word in ("", "not stated", "unknown"):
        return "unknown"
    return word if re.fullmatch(r"[a-z0-9][a-z0-9.-]*", word) else "other"


def _base_model(info: BackboneInfo) -> str:
    """The Hub id that the weights come from, else the registered name; never a path of this machine."""
    found = _HUB_ID.search(info.source)
    if found:
        return found[1]
    return info.name if re.fullmatch(r"[\w-][\w.-]*", info.name) else ""


def _totals(scores: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[tuple[str, Score]]:
    """Metrics over all classes that have a value, the primary one first."""
    labels = [str(label) for label in metrics.get("labels") or ()]
    found = [
        (key, score)
        for key, entry in scores.items()
        if not of_class(key, labels) and (score := Score.of(entry)).value is not None
    ]
    return sorted(found, key=lambda each: each[0] != metrics.get("primary"))


def _body(
    name: str, task: Task, metrics: Mapping[str, Any], recipe: Recipe, info: BackboneInfo
) -> Iterable[str]:
    yield f"# {_text(name)}"
    yield f"{_text(task.summary)} Task `{task.name}`, adapted by Vertikit."
    if metrics.get("verdict"):
        yield f"**{_text(metrics['verdict'])}**"
    for warning in metrics.get("warnings") or ():
        yield f"> {_text(warning)}"
    yield f"## Intended use\n\n{_text(task.card.intended_use)}"
    yield f"**Population.** {_text(task.card.population)}"
    yield f"**Limits.** {_text(task.card.limits)}"
    if task.card.decision_owner:
        yield f"**Who decides.** {_text(task.card.decision_owner)}"
    yield from _judged(task, metrics)
    yield from _made(metrics, recipe, info)
    yield (
        "## Use\n\n```\n"
        "vertikit predict RUN NEW_ROWS.csv --output predictions.csv\n"
        "vertikit evaluate RUN --data OTHER_ROWS.csv\n```\n\n"
        "`RUN` is this folder. `report.html` tells more: figures by class and by group, calibration, the surest "
        "mistakes."
    )


def _judged(task: Task, metrics: Mapping[str, Any]) -> Iterable[str]:
    """The protocol, the rows, and a table of the metrics beside the best baseline."""
    yield f"## How it was judged\n\n{_text(task.protocol.why)}"
    rows, split = metrics.get("rows") or {}, metrics.get("split") or {}
    parts = [f"{count(rows[part])} to {use}" for part, use in _USES.items() if finite(rows.get(part))]
    if parts:
        lost = [
            f"{count(rows[key])} {word}"
            for key, word in (("quarantined", "could not be used"), ("removed", "were removed as leaks"))
            if finite(rows.get(key))
        ]
        text = f"{count(rows.get('read'))} rows were read" + (f"; {' and '.join(lost)}" if lost else "")
        text += f". {', '.join(parts)}"
        if split.get("name"):
            text += f"; split: {_text(split['name'])}"
        yield f"{text}."
    totals = _totals(metrics.get("test") or {}, metrics)
    if not totals:
        return
    best = best_baseline(metrics)
    others = (metrics.get("baselines") or {}).get(best, {})
    lines = [f"| Measure | This model |{f' {_text(best)} |' if best else ''}"]
    lines.append("| --- | ---: |" + (" ---: |" if best else ""))
    for key, score in totals:
        way = better(key, metrics)
        line = f"| {_text(called(key))}{f' ({way})' if way else ''} | {score.sentence} |"
        lines.append(line + (f" {Score.of(others.get(key)).sentence} |" if best else ""))
    yield "\n".join(lines)
    yield "In brackets stand 95 % intervals." + (f" `{best}` is the best baseline." if best else "")
    further = [
        f"- {_text(test)}: {called(str(metrics.get('primary')))} {Score.of(each.get(metrics.get('primary'))).sentence}"
        for test, each in (metrics.get("tests") or {}).items()
    ]
    if further:
        yield "Further tests:\n\n" + "\n".join(further)


_USES = {"train": "learn from", "valid": "choose by", "test": "judge on"}


def _made(metrics: Mapping[str, Any], recipe: Recipe, info: BackboneInfo) -> Iterable[str]:
    """What was adapted and how, the classes, and the licences of weights and data."""
    cost = metrics.get("cost") or {}
    base = _base_model(info) or info.source
    text = f"The encoder `{base}` ({count(info.parameters)} parameters), adapted by `{recipe.strategy.name}`"
    if finite(cost.get("trainable")) is not None:
        text += f": {count(cost['trainable'])} parameters were trained"
        if finite(cost.get("trainable_share")) is not None:
            text += f" ({share(cost['trainable_share'])})"
    calibration = metrics.get("calibration") or {}
    if finite(calibration.get("temperature")) is not None and calibration.get("method") != "none":
        text += f". Its probabilities were calibrated ({calibration['method']} {number(calibration['temperature'])})"
    if metrics.get("blend"):
        text += f". Its answers are blended with those of the baseline `{_text(metrics['blend']['with'])}`"
    yield f"## How it was made\n\n{text}. `recipe.yaml` holds every setting."
    labels = metrics.get("labels") or ()
    if labels:
        yield f"It knows {len(labels)} classes: {', '.join(_text(label) for label in labels)}."
    outcome = metrics.get("outcome") or {}
    if outcome.get("kind") == "numbers":
        ends = [outcome.get("minimum"), outcome.get("maximum")]
        where = f" from {ends[0]:g} to {ends[1]:g}" if None not in ends else ""
        yield f"It answers with a number{where}, and an interval that says how far off it may be."
    licence = capital(plain(info.licence)) if info.licence else "not stated"
    yield (
        f"**Licences.** Weights of the encoder: {_text(licence)}. Data: the user's own; its licence is not known to "
        "Vertikit, and binds what may be done with this model."
    )
    versions = metrics.get("versions") or {}
    if versions:
        yield (
            "Made with " + ", ".join(f"{_text(name)} {_text(each)}" for name, each in versions.items()) + "."
        )


def _text(value: object) -> str:
    """Words of plugins and of the user's data as Markdown that shows them and does nothing else."""
    return _MARKS.sub(r"\\\1", " ".join(plain(value).split()))
