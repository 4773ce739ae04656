"""The page of an explanation: blocks and what they were worth, rows and what spoke for their answers, shares."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vertikit.explain.deletion import curves
from vertikit.explain.drawings import blocks_drawn, deletion_drawn
from vertikit.explain.explaining import MEASURES, YARDSTICKS, Adapted, Explained
from vertikit.explain.row_blocks import row_blocks
from vertikit.explain.told import accounts, controlled, faithful, sentences, worst
from vertikit.run.report.page import Block, Cell, Section, Table, Words, figure, heading, picture
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Tile, Verdict
from vertikit.run.report.wording import MISSING, Score, count, number, share

if TYPE_CHECKING:
    from vertikit.explain.changes import Change

MOST_ROWS = 50
"""That the page shows; the others stand in the table beside it."""


def page(found: Explained, *, show_values: bool) -> str:
    """The page as one string of HTML; values of private columns are in it with `show_values` alone."""
    told = list(sentences(found))
    sections = [_changed(found), _account(found), _rows(found, show_values), _shares(found)]
    return page_of(
        name=found.run,
        task=found.task,
        summary="what the adaptation changed, and why rows got their answers",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict(
            "", "", told[0] if told else "There is nothing to explain.", tuple(_tiles(found)), ""
        ),
        warnings=[("warning", each) for each in found.notes],
        sections=[each for each in sections if each is not None],
        card=[],
        shows_values=show_values,
        files="The figures stand in changes.json, what each part of a row had to say in rows.parquet, beside this "
        "file.",
    )


def _tiles(found: Explained) -> Iterator[Tile]:
    own = found.adapted.correlations.get("norm", {}).get("loss", {})
    if own.get("value") is not None:
        score = Score.of(own)
        yield Tile("Change and what it was worth, rank correlation", score.text, score.interval)
    if found.against.get("loss", {}).get("value") is not None:
        score = Score.of(found.against["loss"])
        yield Tile("The same of shuffled labels", score.text, score.interval)
    if found.faithful.get("value") is not None:
        score = Score.of(found.faithful)
        yield Tile("Deletion, named before others", number(score.value, signed=True), score.interval)


def _changed(found: Explained) -> Section | None:
    adapted, control = found.adapted, found.control
    if not any(each.moved for each in adapted.changes):
        return None
    worth = {each.name: each for each in adapted.reverted}
    other = {} if control is None else {each.name: each for each in control.changes}
    head = [heading("Block"), heading("Parameters", numeric=True), heading("Relative norm", numeric=True)]
    head += [heading("Control", numeric=True)] if other else []
    head += [heading("Effective rank", numeric=True), heading("CKA", numeric=True)]
    if worth:
        head += [heading("Loss rises by", numeric=True), heading(f"{found.primary} lost", numeric=True)]
    lines = []
    for each in adapted.changes:
        line = [Cell(each.name, name=True), Cell(count(each.parameters), numeric=True), _norm(each)]
        line += [_norm(other.get(each.name))] if other else []
        full = "" if each.full is None else f"of {each.full:.0f}"
        line.append(Cell(MISSING if each.rank is None else f"{each.rank:.1f}", small=full, numeric=True))
        line.append(Cell(number(each.kept), numeric=True))
        if worth:
            own = worth.get(each.name)
            line += [Cell(MISSING, numeric=True)] * 2 if own is None else [
                _worth(own.loss), _worth(own.lost)]  # fmt: skip
        lines.append(tuple(line))
    caption = (
        "Relative norm: how far the weights moved, beside how large they were. Effective rank: along how many "
        "directions (1: all along one). CKA: how alike the block's outputs are before and after, on the rows given (1: "
        "they say the same)."
    )
    if worth:
        caption += (
            " Loss and metric: what it costs the model, alone and without a blend, to have this block as it was before "
            f"training, on {found.judged:,} labelled rows; the metric is {number(Score.of(adapted.score).value)} where "
            "none is."
        )
    text = (
        "Far right means: moved far, and missed where it is put back." if worth else "Far right: moved far."
    )
    blocks: list[Block] = [
        picture(blocks_drawn(adapted, control), text),
        Table(tuple(head), tuple(lines), caption),
    ]
    return Section("changed", "What changed, block by block", blocks, "Changed")


def _worth(own: Mapping[str, Any]) -> Cell:
    """A figure over its interval, in digits that tell something, however small it is."""
    score = Score.of(own)
    between = "" if score.low is None or score.high is None else f"{score.low:.2g} to {score.high:.2g}"
    return Cell(
        MISSING if score.value is None else f"{score.value:.2g}".replace("-", "−"),
        small=between.replace("-", "−") or ("no interval" if score.why else ""), numeric=True, full=score.why,
    )  # fmt: skip


def _norm(change: Change | None) -> Cell:
    return Cell(MISSING if change is None or change.norm is None else share(change.norm), numeric=True)


def _account(found: Explained) -> Section | None:
    if not found.adapted.correlations:
        return None
    head = (heading("Change, and what it was worth"), heading("Rank correlation", numeric=True),
            heading("p", numeric=True), heading("Blocks", numeric=True))  # fmt: skip
    lines = [*_lines("", found.adapted)]
    if found.control is not None:
        lines += _lines("control: ", found.control)
        for yardstick, words in YARDSTICKS.items():
            lines.append(
                _line(
                    f"control's relative norm, and {words} of the run's own blocks", found.against[yardstick]
                )
            )
    caption = (
        "Spearman's over blocks that changed, with the interval over resamples of blocks; p: how often a random order "
        "comes as far from 0. Blocks are few, so intervals are wide. The control is the same recipe from the same "
        "first weights on shuffled labels: where its change follows what the run's blocks are worth as well, the "
        "measure shows where a recipe moves weights, and not what was learnt."
    )
    told = [worst(found), *accounts(found.adapted), *([controlled(found)] if found.against else [])]
    return Section(
        "account", "Held to account", [*map(Words, told), Table(head, tuple(lines), caption)], "Account"
    )


def _lines(prefix: str, adapted: Adapted) -> Iterator[tuple[Cell, ...]]:
    for measure, words in MEASURES.items():
        for yardstick, what in YARDSTICKS.items():
            own = adapted.correlations.get(measure, {}).get(yardstick)
            if own is not None:
                yield _line(f"{prefix}{words}, and {what}", own)


def _line(name: str, own: Mapping[str, Any]) -> tuple[Cell, ...]:
    p = own.get("p")
    return (Cell(name), figure(Score.of(own)), Cell(MISSING if p is None else f"{p:.2g}", numeric=True),
            Cell(str(own["blocks"]), numeric=True))  # fmt: skip


def _rows(found: Explained, show_values: bool) -> Section | None:
    if not found.reasons:
        return None
    blocks: list[Block] = []
    tests = [each.deletion for each in found.reasons if each.deletion is not None]
    numbers = not found.reasons[0].said
    if tests:
        text = (
            "What is named first is taken away first (line), and in random orders (dashes); the mean over rows. The "
            "further apart, the more the answers live on what was named."
        )
        blocks.append(picture(deletion_drawn(curves(tests), numbers), text))
    if found.faithful.get("value") is not None:
        blocks.append(Words(faithful(found)))
    hidden = any(part.private for each in found.reasons for part in each.parts) and not show_values
    if hidden:
        blocks.append(
            Words(
                "Private values are not shown: parts are named by their place. --show-values shows them.",
                "soft",
            )
        )
    what = "the number" if numbers else "the probability of the class that was given"
    blocks.append(
        Words(f"Beside each part: how far {what} falls when it alone is taken away. What several only say together, or "
              "each as well as the others, is not found so.", "soft")
    )  # fmt: skip
    for at, each in enumerate(found.reasons[:MOST_ROWS]):
        blocks += row_blocks(each, at, show_values)
    if len(found.reasons) > MOST_ROWS:
        blocks.append(Words(f"{len(found.reasons) - MOST_ROWS:,} more rows stand in rows.parquet.", "soft"))
    return Section("rows", "Why rows got their answers", blocks, "Rows")


def _shares(found: Explained) -> Section | None:
    if not found.experts and not found.blend:
        return None
    head = (heading("Without"), heading("Answer moves by", numeric=True),
            heading("Rows of another class", numeric=True))  # fmt: skip
    told: list[tuple[str, Mapping[str, Any]]] = [
        (f"{line['expert']}: {line['columns']} columns as they usually are", line) for line in found.experts
    ]
    if found.blend:
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in found.blend["weights"].items())
        told.append(
            (f"the blend with {found.blend['with']}, so the model alone (weights: {weights})", found.blend)
        )
    lines = tuple(
        (Cell(name), _worth(line["falls"]),
         Cell(share(line["changed"]) if "changed" in line else MISSING, numeric=True))
        for name, line in told
    )  # fmt: skip
    rows = told[0][1]["rows"]
    caption = f"Mean over {rows:,} rows of how far the answer falls (of a number: moves), with its interval."
    return Section("shares", "Whose answer it is", [Table(head, lines, caption)], "Shares")
