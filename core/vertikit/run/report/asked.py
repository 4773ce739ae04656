"""What the trade asks for, a second grader beside the model, and answers made to fool it."""

from __future__ import annotations

from collections.abc import Sequence

from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Cell, Section, Table, Words, figure, heading
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, count, finite, number, share


def bars(run: RunFiles) -> Section | None:
    """Each bar passed or failed, and the second opinion that some rest on."""
    found = run.metrics.get("bars") or []
    second = run.metrics.get("second") or {}
    blocks: list[Block] = []
    if found:
        blocks.append(_bars(found))
    if second:
        blocks.append(_second(second))
    return Section("bars", "What the trade asks for", blocks, "Asked for") if blocks else None


def _bars(found: Sequence[Json]) -> Table:
    lines = tuple(
        (
            Cell(str(bar["bar"])),
            Cell(_passed(bar.get("passed"))),
            Cell(number(bar["value"]) if bar.get("value") is not None else "–", numeric=True),
            Cell(str(bar.get("where") or bar.get("why") or ""), name=True),
        )
        for bar in found
    )
    head = (
        heading("Asked for"),
        heading("Passed?"),
        heading("Found", numeric=True),
        heading("Where, or why not"),
    )
    return Table(
        head, lines, "What the trade asks of a model before it is used, on the test rows of this run."
    )


def _second(second: Json) -> Table:
    sides = [second["second"], second["model"]]
    names = [key for key in sides[0] if any(Score.of(side.get(key)).value is not None for side in sides)]
    lines = tuple((Cell(called(key)), *(figure(Score.of(side.get(key))) for side in sides)) for key in names)
    column = str(second["column"])
    head = (heading("Measure"), heading(column, numeric=True, name=True), heading("this model", numeric=True))
    caption = (
        f"{column} and this model beside the truth, on the {count(second['rows'])} test rows that have both. Two "
        "people "
        "do not agree on all; a model that agrees with one of them about as well does all that can be asked."
    )
    return Table(head, lines, caption)


def probes(run: RunFiles) -> Section | None:
    """How many altered rows get through."""
    found = run.metrics.get("probes") or {}
    entries = found.get("probes") or {}
    if not entries:
        return None
    lines = []
    for name, each in entries.items():
        if each.get("why"):
            nothing = Cell("–", numeric=True)
            lines.append((Cell(name), Cell(str(each["says"])), nothing, nothing, Cell(str(each["why"]))))
            continue
        held = "held" if each.get("held") else "NOT HELD"
        lines.append(
            (
                Cell(name),
                Cell(str(each["says"])),
                Cell(share(each["share"]), numeric=True),
                Cell(share(each["decided"]), numeric=True),
                Cell(f"{held} (at most {share(each['limit'])})"),
            )
        )
    head = (
        heading("Kind"),
        heading("What was given"),
        heading("Get through", numeric=True),
        heading("without a person", numeric=True),
        heading("Held?"),
    )
    caption = (
        f"{count(found.get('rows'))} test rows, altered in each of these ways so that they should not get through. "
        "Of the "
        f"rows as they are, {share(found['plain'])} do. «Without a person» are those that it also decides by itself."
    )
    blocks: list[Block] = [Table(head, tuple(lines), caption)]
    wrong = [name for name, each in entries.items() if each.get("held") is False]
    if wrong and finite(found.get("plain")) is not None:
        blocks.insert(0, Words(f"It is fooled by: {', '.join(wrong)}.", "warning"))
    return Section("probes", "Can it be fooled?", blocks, "Fooling it")


def _passed(passed: object) -> str:
    return "not judged" if passed is None else "passed" if passed else "FAILED"
