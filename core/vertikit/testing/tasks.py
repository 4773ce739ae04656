"""What a task has to keep to (`vertikit.Task`): its columns, its protocol, its recipe, and its sample."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import VertikitError
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Prepared
    from vertikit.recipe import Recipe
    from vertikit.task import Task

SAMPLE_ROWS = 400
"""Rows of a sample where the task's example does not say `rows`."""
MOST_UNUSABLE = 0.05
"""The share of a sample's rows that may be unusable: some show what happens to such rows."""
NASTY = (
    "",
    " ",
    "\x00",
    "nan",
    "inf",
    "1e999",
    "-1",
    "0",
    "yes",
    "2025-02-30",
    "Größe ½",
    "a|b",
    "a=b",
    "x" * 2_000_000,
)


def _task(subject: Subject) -> Task:
    _ = subject.factory  # which says what is missing
    return subject.registry.task(subject.component.name)


def _recipe(subject: Subject) -> Recipe:
    from vertikit.recipe import resolve_recipe

    task = _task(subject)
    return resolve_recipe(task, subject.registry, layers=[task.sample_recipe])


@check("tasks", "told")
def told(subject: Subject) -> None:
    """The task says what it is for, how it is judged, and what every column holds."""
    task = _task(subject)
    said = {
        "summary": task.summary,
        "card.intended_use": task.card.intended_use,
        "card.population": task.card.population,
        "card.limits": task.card.limits,
        "protocol.why": task.protocol.why,
    }
    said |= {f"help of column {column.name}": column.help for column in task.columns}
    empty = [name for name, text in said.items() if not text.strip()]
    expect(not empty, f"{empty[0] if empty else ''} is empty")


@check("tasks", "columns")
def columns(subject: Subject) -> None:
    """A cell that a column cannot use is a ValueError with a reason, and its schema is JSON."""
    for column in _task(subject).columns:
        for raw in NASTY:
            try:
                column.parse(raw)
            except ValueError as error:
                expect(str(error).strip(), f"{column.name} refuses {raw[:12]!r} without a reason")
            except Exception as error:
                raise Failed(f"{column.name} of {raw[:12]!r}: {type(error).__name__}: {error}") from error
        try:
            json.dumps(column.json_schema(), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise Failed(f"the schema of {column.name} is no JSON: {error}") from None


@check("tasks", "names")
def names(subject: Subject) -> None:
    """Every split, metric and baseline of its protocol is registered, and what its bars ask for is measured."""
    from vertikit.evaluate.metrics import resolve_metrics

    task = _task(subject)
    protocols = [task.protocol, *([task.on_numbers.protocol] if task.on_numbers is not None else [])]
    for protocol in protocols:
        expect(protocol.splits, "it names no split")
        expect(protocol.baselines, "it names nothing that a user would have used otherwise")
        resolve_metrics([protocol.primary, *protocol.metrics], subject.registry)
        for family, found in (("splits", protocol.splits), ("baselines", protocol.baselines)):
            for name in found:
                subject.registry.get(family, name)
        unmeasured = {bar.metric for bar in protocol.bars} - {protocol.primary, *protocol.metrics}
        expect(not unmeasured, f"a bar asks for {min(unmeasured, default='')}, which is not measured")


@check("tasks", "recipe")
def recipe(subject: Subject) -> None:
    """Its default recipe, and that of its sample, are whole and right."""
    from vertikit.recipe import resolve_recipe

    _recipe(subject)
    resolve_recipe(_task(subject), subject.registry, layers=[])


def _written(subject: Subject, place: Path, seed: int = 0) -> Path:
    """A sample in a new folder; `NotApplicable` where there is none."""
    from vertikit.sample_files import write_sample

    task = _task(subject)
    if not task.sample:
        raise NotApplicable("it has no sample")
    place.mkdir()
    write_sample(task, place / "sample.csv", int(subject.options.get("rows", SAMPLE_ROWS)), seed)
    return place / "sample.csv"


def _prepared(subject: Subject) -> Prepared:
    """The sample as a training would have it, once for all checks."""
    from vertikit.prepare.prepared import Sources
    from vertikit.prepare.preparing import prepare

    def make() -> Prepared:
        path, chosen = _written(subject, subject.lasting / "sample"), _recipe(subject)
        work = subject.lasting / "work"
        work.mkdir()
        return prepare(_task(subject), Sources((str(path),)), chosen, subject.registry, work, lambda _: None)

    found: Prepared = subject.once("prepared", make)
    return found


@check("tasks", "sample")
def sample(subject: Subject) -> None:
    """The sample has the columns that are declared, its rows can be used, and its target is there to learn."""
    task = _task(subject)
    found = _prepared(subject)
    lacking = [column.name for column in task.columns if column.required and column.name not in found.columns]
    expect(not lacking, f"the sample has no column {lacking[0] if lacking else ''!r}")
    expect(task.target.name in found.columns, f"the sample has no column {task.target.name!r}, the target")
    share = len(found.quarantine) / max(1, found.read)
    reason = f"{found.quarantine[0].row}: {found.quarantine[0].reason}" if found.quarantine else ""
    expect(share <= MOST_UNUSABLE, f"{share:.0%} of its rows cannot be used, such as row {reason}")
    fold = found.folds[0]
    expect(
        len(fold.train) and any(map(len, fold.tests.values())), "it leaves no rows to train, or none to test"
    )


@check("tasks", "sample seed")
def sample_seed(subject: Subject) -> None:
    """One seed writes one sample, another seed another, of as many rows as are asked for."""
    one, again, other = (
        _written(subject, subject.folder / name, seed)
        for name, seed in (("one", 1), ("again", 1), ("other", 2))
    )
    expect(one.read_bytes() == again.read_bytes(), "two samples of one seed differ")
    expect(one.read_bytes() != other.read_bytes(), "samples of two seeds are the same")
    with one.open(encoding="utf-8", newline="") as file:
        count = sum(1 for _ in csv.reader(file)) - 1
    wanted = int(subject.options.get("rows", SAMPLE_ROWS))
    expect(0.8 * wanted <= count <= 1.2 * wanted, f"{wanted} rows are asked for, and {count} are written")


@check("tasks", "not too easy")
def not_too_easy(subject: Subject) -> None:
    """No baseline of its protocol is perfect on the sample."""
    found = _prepared(subject)
    tried = []
    for name in found.task.protocol.baselines:
        try:
            value, best = _judged(subject, found, name)
        except VertikitError:
            continue  # it is for other rows, or something that it needs is not installed
        if math.isnan(value):
            continue
        tried.append(name)
        expect(
            value != best, f"the baseline {name!r} is perfect on it ({found.task.protocol.primary} {value:g})"
        )
    if not tried:
        raise NotApplicable("no baseline of its protocol can be tried on it so quickly")


def _judged(subject: Subject, found: Prepared, name: str) -> tuple[float, float]:
    """(the primary metric of a baseline on the sample's test, the best that there is)."""
    from vertikit.contracts import MetricContext
    from vertikit.evaluate.frame import with_columns
    from vertikit.evaluate.metrics import resolve_metrics
    from vertikit.registry.options import options_of
    from vertikit.testing.subject import takes

    task, fold, outcome = found.task, found.folds[0], found.outcome
    component = subject.registry.get("baselines", name)
    factory = component.resolve()
    if any(option.required and each != "columns" for each, option in options_of(component).known.items()):
        raise VertikitError("it needs options")
    given: dict[str, Any] = {"inputs": task.inputs, "seed": 0}
    if takes(factory, "columns"):
        given["columns"] = task.columns
    baseline = outcome.baseline(lambda: factory(**given))
    truth = outcome.truth(found.examples, task.target.name)
    train, valid = found.examples.take(fold.train), found.examples.take(fold.valid)
    baseline.fit(train, truth[fold.train], valid, truth[fold.valid])
    primary = task.protocol.primary
    metric = resolve_metrics([primary], subject.registry)[primary]

    def frame(part: Any) -> Any:
        examples = found.examples.take(part)
        return with_columns(
            outcome.frame(outcome.asked(name, baseline, examples), truth[part]), examples, metric.columns
        )

    context = MetricContext(outcome.labels, outcome.scale)
    if metric.learn is not None:
        learnt = metric.learn(frame(fold.calibrate), context)
        context = MetricContext(outcome.labels, outcome.scale, {primary: learnt})
    test = fold.tests.get("test", next(iter(fold.tests.values())))
    value = metric.compute(frame(test), context)
    best = metric.upper if metric.higher_is_better else metric.lower
    return (float(next(iter(value.values()))) if not isinstance(value, int | float) else float(value)), best


CHECKS = (told, columns, names, recipe, sample, sample_seed, not_too_easy)
