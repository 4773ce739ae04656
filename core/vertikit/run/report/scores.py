"""The figures of merit over all test rows, beside the baselines and on further tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vertikit.run.report import figures
from vertikit.run.report.measures import better, called, meaning, of_class
from vertikit.run.report.page import Block, Cell, Glossary, Section, Table, Words, figure, heading, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, count, finite, number, shorten


def metrics(run: RunFiles) -> Section | None:
    """Each metric of the model beside each baseline's, and the primary one as a picture."""
    found, primary = run.metrics, str(run.metrics.get("primary", ""))
    baselines: Json = found.get("baselines") or {}
    alone = {"model alone": found["alone"]} if found.get("alone") else {}
    shortcut: Json = found.get("shortcut") or {}
    blind = {f"{shortcut.get('baseline')} (shortcut check)": shortcut["test"]} if shortcut.get("test") else {}
    columns = {"this model": found.get("test") or {}, **alone, **baselines, **blind}
    table = compared(columns, found)
    if table is None:
        return None
    blocks: list[Block] = []
    scores = [(name, Score.of(column.get(primary))) for name, column in columns.items()]
    if sum(score.value is not None for _, score in scores) > 1:
        direction = "left" if found.get("higher_is_better") is False else "right"
        blocks.append(
            picture(
                figures.compared(called(primary), scores),
                f"Further {direction} is better. The dot is the score on the test rows, the line its 95 % "
                "interval. Look whether the model's line stands clear of the others.",
            )
        )
    blocks.append(table)
    if blind:
        blocks.append(Words(_checked(shortcut)))
    if blended := _blended(found):
        blocks.append(Words(blended))
    names = dict.fromkeys(key for column in columns.values() for key in column)
    meanings = tuple((called(name), meaning(name)) for name in names if meaning(name))
    if meanings:
        blocks.append(Glossary("What these measures say", meanings))
    return Section("metrics", "Scores beside the baselines", blocks, "Scores")


def _checked(shortcut: Json) -> str:
    """What the shortcut check is, and how the model stands beside it."""
    difference = Score.of(shortcut.get("difference"))
    beside = "" if difference.value is None else f" The model less the check: {difference.sentence}."
    return (
        f"The shortcut check, {shortcut.get('baseline')}, is no rival: it sees all but what the model is for, and what "
        f"it scores can be had without looking at that.{beside}"
    )


def _blended(found: Json) -> str:
    """What answers beside the adapted model; nothing where it answers alone."""
    blend: Json = found.get("blend") or {}
    other = str(blend.get("with") or "")
    weight = finite((blend.get("weights") or {}).get(other))
    own = finite((blend.get("weights") or {}).get("model"))
    if weight is None or own is None:
        return ""
    how = str(blend.get("how") or "the logarithms of their probabilities are added")
    if weight == 0:
        return (
            f"It was to be blended with {other}, but on {count(blend.get('rows'))} rows that trained neither, {other} "
            "had nothing to add: the adapted model answers alone."
        )
    return (
        f"“This model” is a blend of the adapted model and {other}: {how} with weights {number(own)} and "
        f"{number(weight)}, fitted on {count(blend.get('rows'))} rows that trained neither. “Model alone” is the "
        "adapted model without it."
    )


def tests(run: RunFiles) -> Section | None:
    """The named further tests beside the run's own."""
    further: Json = run.metrics.get("tests") or {}
    own = {"own test": run.metrics["test"]} if run.metrics.get("test") else {}
    table = compared({**own, **further}, run.metrics) if further else None
    if table is None:
        return None
    caption = "The same model on rows from elsewhere. Look how much it loses against its own test."
    blocks: list[Block] = [
        Words(f"{name}: {each['verdict']}") for name, each in further.items() if each.get("verdict")
    ]
    blocks.append(replace(table, caption=caption))
    return Section("tests", "Further tests", blocks, "Further tests")


def compared(columns: Mapping[str, Json], found: Json) -> Table | None:
    """Metrics in lines, scored things in columns, the primary metric first."""
    labels = [str(label) for label in found.get("labels") or ()]
    primary = found.get("primary")
    names = dict.fromkeys(key for column in columns.values() for key in column)
    plain = [
        key
        for key in names
        if not of_class(key, labels)
        and any(Score.of(each.get(key)).value is not None for each in columns.values())
    ]
    plain.sort(key=lambda key: key != primary)
    if not plain:
        return None
    lines = tuple(
        (
            Cell(called(key), small=better(key, found)),
            *(figure(Score.of(column.get(key))) for column in columns.values()),
        )
        for key in plain
    )
    head = (heading("Measure"), *(heading(shorten(name, 40), numeric=True, name=True) for name in columns))
    return Table(head, lines, "", frozenset({0} if plain[0] == primary else ()))
