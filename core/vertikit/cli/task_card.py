"""A task explained to somebody who knows the trade, and need not know machine learning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from vertikit.cli.printing import commands, entries, heading, paragraph
from vertikit.columns import Column, Sensitive
from vertikit.errors import VertikitError
from vertikit.registry import Component, Registry
from vertikit.task import Task

if TYPE_CHECKING:
    pass

KINDS = {
    "text": "free text",
    "label": "one class a row, by name; to be predicted",
    "grade": "points on a scale; to be predicted",
    "value": "a number; to be predicted",
    "reference": "a second opinion on what is to be predicted",
    "group": "a name that rows have in common",
    "id": "a name of the row's own",
    "sensitive": "a category",
    "time": "a point in time, such as 2025-03-01T12:30",
    "flag": "yes or no; to be predicted",
    "recording": "the name of a file or an array",
    "image": "the name of a file that holds a picture",
    "mask": "the name of a picture that is not black where something is to be found",
    "soundness": "sound, or the name of what is wrong; to be predicted",
}
"""Column types in the words of a table's owner; others go by their own name."""

DOES = {
    "backbone": "reads with",
    "strategy": "learns by",
    "head": "answers with",
    "loss": "aims to lower",
    "policy": "decides by",
}
"""What the component behind a recipe's key does in a run."""


def show_task(component: Component, known: Registry) -> None:
    """Print the card."""
    heading(component.name)
    if component.missing():
        paragraph(f"{component.summary}. It needs more than is installed; type: {component.installing}")
        return
    task = known.task(component.name)
    paragraph(task.summary)
    _section("What it wants")
    paragraph("A table with these columns; where yours have other names, say so with --map NAME=YOURS.")
    entries([(column.name, _wanted(column)) for column in task.columns])
    if task.further:
        paragraph(
            "Every further column is an input too, of the type that its values show; `check` lists them."
        )
    paragraph(f"Read are: {'; '.join(each.summary for each in known.components('loaders'))}.")
    _section("How it judges")
    paragraph(task.protocol.why)
    entries([*_judged(task, known), *_asked(task, known)])
    _section("What it does by default")
    entries(list(_default(task, known)))
    _section("What comes out")
    decided = " with a decision and its reason" if "policy" in task.recipe else ""
    entries(
        [
            ("report.html", "how good it is beside the baselines, in one sentence and in detail"),
            (
                "predictions",
                f"an answer for every row{decided}, for the test rows and with `vertikit predict`",
            ),
            ("model, README.md", "the adapted model, and a card that says what it is for and what it is not"),
        ]
    )
    _section("What it is for")
    card = task.card
    for text in (card.intended_use, card.population, card.limits, card.decision_owner):
        if text:
            paragraph(text)
    _section("What to type next")
    commands(next_commands(task))


def next_commands(task: Task) -> list[str]:
    """Commands that work as they stand, but for the names of files."""
    sample = [f"vertikit demo {task.name}", f"vertikit sample {task.name} --output rows.csv"]
    return [
        *(sample if task.sample else []),
        f"vertikit check {task.name} rows.csv",
        f"vertikit train {task.name} --data rows.csv",
        f"vertikit show {task.name} --recipe > recipe.yaml",
    ]


def _section(title: str) -> None:
    click.echo()
    heading(title)


def _wanted(column: Column) -> str:
    kind = KINDS.get(column.type_name, column.type_name)
    if isinstance(column, Sensitive) and column.bands:
        kind = "a number"
    need = "required" if column.required else "optional"
    if column.role == "target" and column.required:
        need = "required to train and to judge"
    private = "; private: never shown in logs or reports" if column.private else ""
    return f"{kind}; {need}{private}. {column.help[:1].upper()}{column.help[1:]}.".replace("..", ".")


def _judged(task: Task, known: Registry) -> Iterable[tuple[str, str]]:
    protocol = task.protocol
    splits = [_told("splits", name, known) for name in protocol.splits]
    yield "kept for the test", "the first of these that fits the data. " + "; ".join(splits)
    yield "decides", _told("metrics", protocol.primary, known)
    yield "compared with", "; ".join(_told("baselines", name, known) for name in protocol.baselines)
    for name in protocol.metrics:
        if name != protocol.primary:
            yield name, _summary("metrics", name, known)


def _asked(task: Task, known: Registry) -> Iterable[tuple[str, str]]:
    """What is told beside the metrics: bars, probes, and what is other where the target is a number."""
    protocol = task.protocol
    for bar in protocol.bars:
        where = {"": "", "second": " of loss against a second opinion", "slices": " in every group"}[
            bar.against
        ]
        yield "asked for", f"{bar.metric} {bar.limit:.2f}{where}"
    if protocol.probes:
        yield "tried on it", "; ".join(f"{probe.name} ({probe.says})" for probe in protocol.probes)
    if task.on_numbers is not None:
        primary = _told("metrics", task.on_numbers.protocol.primary, known)
        yield (
            "on a fine scale",
            f"where {task.target.name} has many values, it is a number, and decides {primary}",
        )


def _default(task: Task, known: Registry) -> Iterable[tuple[str, str]]:
    from vertikit.recipe.merging import CHOICES
    from vertikit.recipe.resolving import draft_recipe

    try:
        recipe = draft_recipe(task, known)
    except VertikitError as error:
        yield "nothing yet", f"{error.what} {error.do}"
        return
    for key, family in CHOICES.items():
        yield DOES.get(key, key), _told(family, getattr(recipe, key).name, known)
    for expert in recipe.experts:
        yield "knows beside it", _told("experts", expert.name, known)
    if recipe.blend is not None:
        told = _told("baselines", recipe.blend, known)
        yield "together with", f"{told}; weighed on rows that trained neither"
    stop = f", fewer when {recipe.patience} in a row bring nothing" if recipe.patience else ""
    passes = "one pass" if recipe.epochs == 1 else f"at most {recipe.epochs} passes"
    yield "for", f"{passes} over the training rows{stop}"
    test = 100 * recipe.split.test
    valid = (100 - test) * recipe.split.valid
    parts = f"{100 - test - valid:.0f} % of the rows; {valid:.0f} % choose settings"
    yield "on", f"{parts}, {test:.0f} % are kept for the test"


def _told(family: str, name: str, known: Registry) -> str:
    summary = _summary(family, name, known)
    return f"{name}: {summary}" if summary else name


def _summary(family: str, name: str, known: Registry) -> str:
    component = known.find(family, name)
    if component is None:
        return "not installed"
    return component.summary + (f" (first: {component.installing})" if component.missing() else "")
