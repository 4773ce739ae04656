"""From raw outputs of the graph to answers: calibration, blend, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
ENDS = ("low", "high")


def answers(about: Mapping[str, Any], raw: Table, beside: Table | None) -> Table:
    """Answers [N, A] of raw outputs [N, K], blended with those of a baseline [N, A]."""
    kind = about["kind"]
    found = _calibrated(about["calibration"], np.asarray(raw, np.float64))
    if kind == "numbers":
        found = _within(found[:, :1] * about["factor"] + about["offset"], about)
    elif kind == "classes":
        found = _softmax(found)
    elif kind == "findings":
        found = 1 / (1 + np.exp(-np.clip(found, -60, 60)))
    else:
        odd = 1 / (1 + np.exp(-np.clip(found[:, 0], -700, 700)))
        found = np.column_stack([1 / (1 + np.exp(np.clip(found[:, 0], -700, 700))), odd, found[:, 1]])
    blend = about.get("blend")
    if blend is not None and beside is not None:
        found = _blended(kind, blend, found, beside if kind != "numbers" else _within(beside, about), about)
    interval = about.get("interval")
    return found if interval is None else _with_interval(interval, found, about)


def columns(about: Mapping[str, Any], found: Table) -> dict[str, Any]:
    """Answers [N, A] as columns of a table of predictions, in order."""
    target, labels = about["target"], about["labels"]
    if about["kind"] == "numbers":
        names = ["", ".spread", ".q05", ".q95"]
        return {
            f"{target}{name}": found[:, at] for at, name in zip(range(found.shape[1]), names, strict=False)
        }
    each = {f"{target}.p.{label}": found[:, at] for at, label in enumerate(labels)}
    if about["kind"] == "findings":
        there = found >= 0.5
        named = [", ".join(label for label, yes in zip(labels, row, strict=True) if yes) for row in there]
        return {target: [name or "no finding" for name in named], **each}
    likeliest = found[:, : len(labels)].argmax(axis=1)
    result = {target: [labels[at] for at in likeliest], **each}
    return result if about["kind"] == "classes" else {**result, f"{target}.score": found[:, 2]}


def frame(about: Mapping[str, Any], found: Table) -> dict[str, Any]:
    """What a policy reads of answers [N, A]."""
    if about["kind"] == "numbers":
        names = ("prediction", "spread", "low", "high")
        return {name: found[:, at] for at, name in zip(range(found.shape[1]), names, strict=False)}
    result: dict[str, Any] = {f"p.{label}": found[:, at] for at, label in enumerate(about["labels"])}
    result["prediction"] = columns(about, found)[about["target"]]
    return result


def lowest(about: Mapping[str, Any], found: Table, texts: Sequence[str | None]) -> Table:
    """The least answer there is for rows whose text is empty."""
    empty = [at for at, text in enumerate(texts) if not (text or "").strip()]
    result = np.array(found)
    result[empty] = about["lowest"]
    return result


def _calibrated(how: Mapping[str, Any], raw: Table) -> Table:
    if "temperature" in how:
        return np.asarray(raw / how["temperature"])
    if "slope" in how:
        return np.asarray(raw * np.array(how["slope"]) + np.array(how["offset"]))
    if "threshold" in how:
        score = raw[:, 0]
        apart = np.log(np.maximum(score, how["smallest"])) - np.log(how["threshold"])
        return np.column_stack([how["apart"] * apart / how["spread"], score])
    return raw


def _softmax(raw: Table) -> Table:
    found = np.exp(raw - raw.max(axis=1, keepdims=True))
    result: Table = found / found.sum(axis=1, keepdims=True)
    return result


def _within(found: Table, about: Mapping[str, Any]) -> Table:
    low, high = (about.get(end) for end in ENDS)
    return np.clip(found, -np.inf if low is None else low, np.inf if high is None else high)


def _blended(
    kind: str, blend: Mapping[str, Any], own: Table, other: Table, about: Mapping[str, Any]
) -> Table:
    one, two = blend["weights"]
    if kind == "numbers":
        return _within(one * own + two * other, about)
    if kind == "findings":
        pairs = [np.stack([each.ravel(), 1 - each.ravel()], axis=1) for each in (own, other)]
        return _pooled(blend, pairs[0], pairs[1])[:, 0].reshape(own.shape)
    return _pooled(blend, own, other)


def _pooled(blend: Mapping[str, Any], own: Table, other: Table) -> Table:
    one, two = blend["weights"]
    floor, classes = blend["floor"], own.shape[1]
    logs = [np.log((1 - floor) * each + floor / classes) for each in (own, other)]
    return _softmax(one * logs[0] + two * logs[1])


def _with_interval(interval: Mapping[str, Any], found: Table, about: Mapping[str, Any]) -> Table:
    value = found[:, 0]
    spread = np.interp(value, interval["knots"], interval["spreads"])
    reach = spread * (np.nan if interval["quantile"] is None else interval["quantile"])
    low, high = (about.get(end) for end in ENDS)
    below = np.maximum(value - reach, -np.inf if low is None else low)
    above = np.minimum(value + reach, np.inf if high is None else high)
    return np.stack([value, spread, below, above], axis=1)
