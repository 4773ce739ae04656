"""Quality where labels have arrived, beside that of the run's own test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import MetricContext
from vertikit.evaluate.folding import folding
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.evaluate.resampling import unit_count
from vertikit.evaluate.ruling import NOTHING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.run.run import Run

FEWEST = 30
"""Labelled rows, or groups of them, from which on quality is spoken of."""
LEAST = 0.02
"""Share of the test's figure that has to be lost for a loss to count."""
MOST_RESAMPLES = 500


@dataclass(frozen=True)
class Quality:
    """The primary metric then and now.

    Args:
        labelled: rows with a label. known: of these, those that the run has learnt from, which are left out.
        strange: of these, those whose label it never learnt. judged: what is left.
        then, now: as metrics.json has measured values. difference: now less then, positive where better, with a 95 %
            interval. loses: whether that is a loss beyond luck, and not a trifle. why: why there is nothing to compare.
    """

    primary: str
    higher_is_better: bool = True
    labelled: int = 0
    known: int = 0
    strange: int = 0
    judged: int = 0
    then: Mapping[str, Any] | None = None
    now: Mapping[str, Any] | None = None
    difference: Mapping[str, Any] | None = None
    loses: bool = False
    why: str = ""


def quality(run: Run, examples: Examples, answers: NDArray[np.float64]) -> Quality:
    """Of answers [N, A] to examples some of which have a label."""
    parts, outcome, task = run.parts, run.outcome, run.task
    primary, name = str(run.metrics["primary"]), task.target.name
    if name not in examples.table.column_names:
        return Quality(primary, why=f"no {name} has arrived")
    truth = outcome.truth(examples, name)
    labelled = np.array([value is not None and value == value for value in truth.tolist()], bool)
    usable = labelled & outcome.usable(truth)
    seen = np.zeros(len(examples), bool)
    seen[list(parts.learnt_from.seen(task, examples))] = True
    at = np.flatnonzero(usable & ~seen)
    then = run.metrics["test"].get(primary) or {}
    metric = resolve_metrics([primary], run.registry)[primary]
    counted = Quality(
        primary, metric.higher_is_better, int(labelled.sum()), int((usable & seen).sum()),
        int((labelled & ~usable).sum()), len(at), then,
    )  # fmt: skip
    if not counted.labelled:
        return _without(counted, f"no {name} has arrived")
    if counted.strange == counted.labelled:
        return _without(counted, f"none of the {counted.labelled:,} labels is one that the run has learnt")
    part, own, truth = examples.take(at), answers[at], truth[at]
    units = unit_count(len(at), part.group)
    if units < FEWEST:
        unit = "labelled rows" if part.group is None else "groups with labelled rows"
        return _without(
            counted, f"cannot tell yet: {units} new {unit}, and {FEWEST} are the fewest to judge by"
        )
    folds = folding(task, part, truth) if parts.held(part) == NOTHING else None
    if folds is not None:
        part, own, truth = folds.examples(part), folds.answers(own), truth[folds.first]
    frame = with_columns(outcome.frame(own, truth), part, metric.columns)
    if why := outcome.unjudged(frame):
        return _without(counted, f"cannot tell yet: {why}")
    learnt = (run.metrics.get("learnt") or {}).get("model", {})
    context = MetricContext(outcome.labels, outcome.scale, learnt, run.recipe.policy.options)
    resamples = min(MOST_RESAMPLES, run.recipe.evaluation.bootstrap)
    now = measure(
        frame, {primary: metric}, context, groups=part.group, resamples=resamples, seed=run.recipe.seed
    )[primary]
    return against(counted, now)


def against(counted: Quality, now: Mapping[str, Any]) -> Quality:
    """The figure of new rows beside the test's: the interval of the difference is made of both (MOVER: Zou and Donner
    2008, Statistics in Medicine 27:1693-1702)."""
    then = counted.then or {}
    one, other = then.get("value"), now.get("value")
    whole = {**vars(counted), "now": dict(now)}
    if one is None or other is None:
        return Quality(
            **{**whole, "why": f"cannot tell yet: {now.get('why') or then.get('why') or 'not defined'}"}
        )
    sign = 1 if counted.higher_is_better else -1
    difference: dict[str, Any] = {"value": sign * (other - one)}
    ends, later = then.get("ci95"), now.get("ci95")
    if ends is None or later is None:
        why = f"no interval: {now.get('why') or then.get('why') or 'none was taken'}"
        return Quality(**{**whole, "difference": difference, "why": f"cannot tell yet: {why}"})
    low = (other - one) - hypot(other - later[0], ends[1] - one)
    high = (other - one) + hypot(later[1] - other, one - ends[0])
    difference["ci95"] = sorted((sign * low, sign * high))
    loses = difference["ci95"][1] < 0 and -difference["value"] >= LEAST * abs(one)
    return Quality(**{**whole, "difference": difference, "loses": loses})


def _without(counted: Quality, why: str) -> Quality:
    return Quality(**{**vars(counted), "why": why})
