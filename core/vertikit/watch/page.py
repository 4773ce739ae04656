"""The page of a watch: the verdict, what moved then and now, shares, quality."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from vertikit.run.report.canvas import MODEL, OTHER, PERCENT, draw, legend_above
from vertikit.run.report.page import Block, Cell, Picture, Pictures, Section, Table, Words, heading
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Tile, Verdict
from vertikit.run.report.wording import Score, count, number, share, shorten
from vertikit.watch.told import _p, quality_told, sentences, todo, verdict

if TYPE_CHECKING:
    from vertikit.watch.comparing import Compared
    from vertikit.watch.watching import Watched

DRAWN = 12
LABELLED = 12
"""Cells that a drawing names one by one."""
SIDES = {"input": "input", "population": "population", "answer": "answer"}


def page(found: Watched) -> str:
    """The page as one string of HTML; values of private columns are not in it."""
    sections = [_todo(found), _drawn(found), _compared(found), _shares(found), _quality(found), _how(found)]
    return page_of(
        name=found.run,
        task=found.task,
        summary="what has moved since training",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict("", "", verdict(found), tuple(_tiles(found)), ""),
        warnings=[("warning", each) for each in list(sentences(found))[1:] if each.startswith("!")]
        + [("", each + ".") for each in found.notes],
        sections=[each for each in sections if each is not None],
        card=[],
        shows_values=False,
        files="The figures stand in watch.json, beside this file.",
    )


def _tiles(found: Watched) -> Iterator[Tile]:
    yield Tile("Measures that moved", f"{len(found.moved)}", f"of {len(found.compared)}")
    yield Tile("Shares that moved", f"{len(found.risen)}", f"of {len(found.shares)}")
    if found.quality.now is not None:
        now, then = Score.of(found.quality.now), Score.of(found.quality.then)
        yield Tile(f"{found.quality.primary} where labels have arrived", now.text, now.interval)
        yield Tile("In the test", then.text, then.interval)


def _todo(found: Watched) -> Section | None:
    blocks: list[Block] = [Words(each) for each in todo(found, found.run)] if found.alarms else []
    return Section("todo", "What to do", blocks, "What to do") if blocks else None


def _drawn(found: Watched) -> Section | None:
    pictures = tuple(
        Picture(_histogram(f"moved{at}", each), f"{each.name}: PSI {each.psi:.3f}. {each.words}".strip())
        for at, each in enumerate(found.moved[:DRAWN])
    )
    return Section("moved", "Then and now", [Pictures(pictures)], "Then and now") if pictures else None


def _histogram(name: str, each: Compared) -> Markup:
    then, now = np.array(each.shares_then), np.array(each.shares_now)
    shown = (
        np.arange(len(then)) if len(then) <= LABELLED else np.sort(np.argsort(-abs(now - then))[:LABELLED])
    )
    labels = [shorten(each.names[at], 16) if each.names else f"bin {at + 1}" for at in shown]

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(shown))
        axes.barh(places - 0.2, then[shown], 0.38, color=OTHER, label="then")
        axes.barh(places + 0.2, now[shown], 0.38, color=MODEL, label="now")
        axes.set_yticks(places, labels)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(PERCENT)
        axes.set_xlabel("share of rows")
        legend_above(axes)

    told = "; ".join(
        f"{label} {then[at]:.1%}, {now[at]:.1%}" for label, at in zip(labels, shown, strict=True)
    )
    return draw(name, f"{each.name}, then and now: {told}.", 0.9 + 0.28 * len(shown), plot)


def _compared(found: Watched) -> Section | None:
    if not found.compared:
        return None
    head = (
        heading("Measure"), heading("PSI", numeric=True), heading("By chance", numeric=True),
        heading("p, adjusted", numeric=True), heading("Rows then", numeric=True), heading("Rows now", numeric=True),
        heading(""),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(each.name, small=f"{SIDES[each.side]}; {each.test}", name=True),
            Cell(number(each.psi), numeric=True),
            Cell(number(each.chance), numeric=True),
            Cell(_p(each.adjusted), numeric=True),
            Cell(count(each.then), small=_worth(each.then, each.worth_then), numeric=True),
            Cell(count(each.now), small=_worth(each.now, each.worth_now), numeric=True),
            Cell(each.level, small=each.words),
        )
        for each in found.compared
    )
    marked = frozenset(at for at, each in enumerate(found.compared) if each.level)
    caption = (
        "Below 0.1 a PSI counts as none, from 0.25 on as large; what chance alone would give stands beside it, and "
        "only what is beyond it counts. p is for all comparisons together (Holm)."
    )
    return Section("measures", "All measures", [Table(head, rows, caption, marked)], "Measures")


def _worth(rows: int, worth: float) -> str:
    """Rows of one group are not independent."""
    return "" if worth > 0.95 * rows else f"worth {worth:,.0f} independent"


def _shares(found: Watched) -> Section | None:
    if not found.shares:
        return None
    head = (heading("Share"), heading("Then", numeric=True), heading("Now", numeric=True),
            heading("p, adjusted", numeric=True))  # fmt: skip
    rows = tuple(
        (
            Cell(each.name, small=each.kind, name=True),
            Cell(share(each.before), small=f"of {each.of_then:,}", numeric=True),
            Cell(share(each.after), small=f"of {each.of_now:,}", numeric=True),
            Cell(_p(each.adjusted), numeric=True),
        )
        for each in found.shares
    )
    marked = frozenset(at for at, each in enumerate(found.shares) if each.alarms)
    caption = "Of kinds never seen and of numbers out of range, «then» is what rows like those of training would give."
    return Section("shares", "Shares", [Table(head, rows, caption, marked)], "Shares")


def _quality(found: Watched) -> Section:
    tone = "alarm" if found.quality.loses else ""
    soft = "Labels that come early may be of other rows than those that come late, and this figure is of these alone."
    return Section(
        "quality",
        "Quality where labels have arrived",
        [Words(quality_told(found.quality), tone), Words(soft, "soft")],
        "Quality",
    )


def _how(found: Watched) -> Section:
    text = (
        f"Inputs are compared with {found.trained:,} training rows, by the profile that training left in the run; "
        f"answers with those to its {found.tested:,} test rows, which it had not learnt from. "
        if found.trained
        else f"Answers are compared with those to the run's {found.tested:,} test rows. "
    )
    text += (
        f"Something counts as moved where luck would give as much in less than {found.alpha:.0%} of cases, over all "
        f"comparisons together, and where it moved by a PSI of {found.least:g} beyond chance, a share by two points. "
        "Rows of one group are counted as the independent rows that they are worth."
    )
    return Section("how", "How this was compared", [Words(text, "soft")], "How")
