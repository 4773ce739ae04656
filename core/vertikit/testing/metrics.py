"""What a metric has to keep to (`vertikit.contracts.Metric`)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.made.frames import TARGETS, Further, Quality, frame
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

NEAR = 1e-5
"""Of two numbers that count as the same."""
RISING: tuple[Quality, ...] = ("wrong", "good", "perfect")


@dataclass
class Judge:
    """A metric, and the kinds of targets of `TARGETS` on which it gives a number."""

    name: str
    metric: Metric
    further: Further
    policy: Mapping[str, Any]
    kinds: tuple[str, ...] = ()

    def frame(self, kind: str, quality: Quality, **how: Any) -> pd.DataFrame:
        return frame(kind, quality, self.further, **how)

    def context(self, kind: str, quality: Quality) -> MetricContext:
        """With what the metric has learnt on other rows of that quality."""
        outcome = TARGETS[kind]
        plain = MetricContext(outcome.labels, outcome.scale, {}, self.policy)
        if self.metric.learn is None:
            return plain
        learnt = self.metric.learn(self.frame(kind, quality, seed=5), plain)
        return MetricContext(outcome.labels, outcome.scale, {self.name: learnt}, self.policy)

    def named(self, rows: pd.DataFrame, context: MetricContext) -> Mapping[str, float]:
        """What it gives, by name; one number under ""."""
        found = self.metric.compute(rows, context)
        return found if isinstance(found, Mapping) else {"": found}

    def main(self, kind: str, quality: Quality) -> float:
        """Its number, or the first of several that is no count."""
        found = self.named(self.frame(kind, quality), self.context(kind, quality))
        return next((float(each) for each in found.values() if not isinstance(each, int)), math.nan)


def _judge(subject: Subject) -> Judge:
    """`NotApplicable` where it gives no number on any frame of the kit, with what it says."""
    from vertikit.evaluate.metrics import resolve_metrics

    def find() -> Judge:
        if subject.component.missing():
            raise NotApplicable(
                f"needs {', '.join(subject.component.missing())}: {subject.component.installing}"
            )
        name = subject.component.name
        metric = resolve_metrics([name], subject.registry)[name]
        example = subject.options
        further = Further(metric.columns, known_columns(subject), example.get("columns"))
        judge = Judge(name, metric, further, example.get("policy", {}))
        kinds, reasons = [], []
        for kind in TARGETS:
            try:
                if any(math.isfinite(judge.main(kind, quality)) for quality in (*RISING, "even")):
                    kinds.append(kind)
            except Exception as error:
                reasons.append(f"{kind}: {type(error).__name__}: {error}")
        if not kinds:
            why = reasons[0] if reasons else "it is defined on none"
            raise NotApplicable(f"no frame that the kit makes suits it ({why})")
        judge.kinds = tuple(kinds)
        return judge

    found: Judge = subject.once("judge", find)
    return found


def known_columns(subject: Subject) -> dict[str, Any]:
    """The columns of the plugin's own tasks, by name."""
    from vertikit.errors import VertikitError

    found: dict[str, Any] = {}
    for component in subject.registry.components("tasks"):
        if component.plugin == subject.component.plugin:
            try:
                task = subject.registry.task(component.name)
            except VertikitError:
                continue  # its own checks say so
            found |= {column.name: column for column in task.columns}
    return found


@check("metrics", "range")
def in_range(subject: Subject) -> None:
    """Every number lies in the declared range, or is NaN where it is not defined."""
    judge = _judge(subject)
    low, high = judge.metric.lower - 1e-9, judge.metric.upper + 1e-9
    for kind in judge.kinds:
        for quality in (*RISING, "poor", "even"):
            found = judge.named(judge.frame(kind, quality), judge.context(kind, quality))
            for name, value in found.items():
                expect(
                    isinstance(value, int | float | np.floating),
                    f"{name or 'it'} is {value!r}, and no number",
                )
                inside = isinstance(value, int) or math.isnan(value) or low <= value <= high
                expect(
                    inside,
                    f"{kind}, {quality} answers: {name or 'it'} is {value:g}, outside {judge.metric.lower:g} to "
                    f"{judge.metric.upper:g}",
                )


@check("metrics", "direction")
def direction(subject: Subject) -> None:
    """Better predictions score better, and worse ones worse, as the metric declares."""
    judge = _judge(subject)
    if judge.metric.aim is not None:
        _nearer(judge, judge.metric.aim)
        return
    sign = 1 if judge.metric.higher_is_better else -1
    word = "higher" if judge.metric.higher_is_better else "lower"
    told: list[str] = []
    moves = False
    for kind in judge.kinds:
        worst, good, best = (sign * judge.main(kind, quality) for quality in RISING)
        if math.isnan(worst) or math.isnan(best):
            continue
        told.append(
            f"{kind}: {sign * worst:g} for wrong answers, {sign * good:g} for good, {sign * best:g} for perfect ones"
        )
        expect(worst <= best + NEAR, f"{told[-1]}; {word} is said to be better")
        expect(math.isnan(good) or good <= best + NEAR, f"{told[-1]}; good ones are better than perfect ones")
        moves |= worst < best - NEAR
    if not told:
        raise NotApplicable("it is not defined on answers that are all right, or all wrong")
    expect(moves, f"it is the same for all answers: {'; '.join(told)}")


def _nearer(judge: Judge, aim: float) -> None:
    """Of probabilities that mean what they say, the number is nearer to its aim than of others."""
    kinds = [kind for kind in judge.kinds if kind not in ("numbers", "sound or odd")]
    if not kinds:
        raise NotApplicable("it judges no probabilities")
    for kind in kinds:
        honest = _probable(judge, kind, 1.0, 0.0)
        boastful = _probable(judge, kind, 3.0, 1.5)
        expect(
            abs(honest - aim) < abs(boastful - aim),
            f"{kind}: {honest:g} of honest probabilities, {boastful:g} of bent ones, and {aim:g} is said to be right",
        )


def _probable(judge: Judge, kind: str, strength: float, shift: float) -> float:
    """The number of answers whose log odds are the true ones, stretched and shifted."""
    random = np.random.default_rng(3)
    outcome = TARGETS[kind]
    count = max(len(outcome.labels), 1)
    odds = random.normal(0, 1.5, (600, count))
    if kind == "findings":
        there = random.random(odds.shape) < 1 / (1 + np.exp(-odds))
        truth: Any = [
            "|".join(f"{'+' if yes else '-'}{name}" for name, yes in zip(outcome.labels, row, strict=True))
            for row in there
        ]
        answers = 1 / (1 + np.exp(-(strength * odds + shift)))
    else:
        share = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
        truth = [outcome.labels[random.choice(count, p=row)] for row in share]
        bent = np.exp(strength * odds + shift * np.arange(count))
        answers = bent / bent.sum(axis=1, keepdims=True)
    rows = outcome.frame(answers, np.array(truth, object))
    found = judge.named(rows, MetricContext(outcome.labels, outcome.scale, {}, judge.policy))
    return next(float(each) for each in found.values())


@check("metrics", "order")
def order(subject: Subject) -> None:
    """The order of the rows changes nothing, and neither do they change."""
    judge = _judge(subject)
    for kind in judge.kinds:
        rows, context = judge.frame(kind, "good"), judge.context(kind, "good")
        before = rows.copy(deep=True)
        found = judge.named(rows, context)
        expect(rows.equals(before), f"{kind}: it changes the frame that it is given")
        mixed = rows.sample(frac=1, random_state=1).reset_index(drop=True)
        again = judge.named(mixed, context)
        expect(set(found) == set(again), f"{kind}: other numbers in another order")
        for name, value in found.items():
            same = math.isclose(value, again[name], rel_tol=1e-9, abs_tol=1e-9) or (
                math.isnan(value) and math.isnan(again[name])
            )
            expect(same, f"{kind}: {name or 'it'} is {value:g}, and {again[name]:g} in another order")


@check("metrics", "few rows")
def few_rows(subject: Subject) -> None:
    """On one row, or rows of one class, it is a number in range, NaN, or an error of the kit's own kind."""
    from vertikit.testing.subject import refusal

    judge = _judge(subject)
    for kind in judge.kinds:
        context = judge.context(kind, "good")
        for told, rows in _scarce(judge.frame(kind, "good")):
            try:
                found = judge.named(rows, context)
            except Exception as error:
                expect(refusal(error), f"{kind}, {told}: {type(error).__name__}: {error}")
                continue
            for value in found.values():
                low, high = judge.metric.lower - 1e-9, judge.metric.upper + 1e-9
                right = isinstance(value, int) or math.isnan(value) or low <= value <= high
                expect(right, f"{kind}, {told}: {value:g} is neither NaN nor in range")


def _scarce(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "one row", rows.iloc[:1].reset_index(drop=True)
    for value in list(dict.fromkeys(rows["truth"]))[:3]:
        yield f"all {value}", rows[rows["truth"] == value].reset_index(drop=True)


@check("metrics", "learnt")
def learnt(subject: Subject) -> None:
    """What it learns on calibration rows is a JSON value."""
    judge = _judge(subject)
    if judge.metric.learn is None:
        raise NotApplicable("it learns nothing")
    for kind in judge.kinds:
        found = judge.context(kind, "good").learnt[judge.name]
        try:
            again = json.loads(json.dumps(found, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise Failed(f"{kind}: what it learns is no JSON: {error}") from None
        expect(again == found, f"{kind}: what it learns is read back as {again!r}")


CHECKS = (in_range, direction, order, few_rows, learnt)
