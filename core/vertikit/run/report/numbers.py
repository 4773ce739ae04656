"""Of a target that is a number: how near its answers come, and the ones that were farthest off."""

from __future__ import annotations

from collections.abc import Mapping

from vertikit.run.report import figures
from vertikit.run.report.page import Block, Cell, Glossary, Section, Table, Words, heading, picture
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import count, finite, number, plain, share, shorten

_FARTHEST = 12
_TEXT = 600


def nearness(run: RunFiles) -> Section | None:
    """Answer beside truth in bins of equally many rows, and how often the intervals hold."""
    found = run.metrics.get("nearness") or {}
    keys = ("prediction", "truth", "low", "high", "rows")
    bins = list(zip(*(found.get(key, ()) for key in keys), strict=True))
    if not bins:
        return None
    caption = (
        "The test rows in groups by what it answered. The dot is their mean truth, the line where eight in ten of "
        "them lie. On the dashed line it is right on average; below it, it answered too high, above it, too low. "
        "A flat row of dots means that its answers tell little."
    )
    blocks: list[Block] = [
        picture(figures.nearness(*(list(each) for each in zip(*bins, strict=True))), caption)
    ]
    interval = run.metrics.get("interval") or {}
    level, coverage, width = (finite(interval.get(key)) for key in ("level", "coverage", "width"))
    if level is not None and coverage is not None:
        blocks.append(
            Words(
                f"Each answer has an interval that is to hold the truth in {share(level)} of all rows. On the test "
                f"rows it held it in {share(coverage)}, with a width of {number(width)} on average."
            )
        )
    return Section("nearness", "How near its answers come", blocks, "Nearness")


def farthest(run: RunFiles, texts: Mapping[int, str] | None) -> Section | None:
    """The answers farthest off, by row number; the rows' text only where it is given."""
    if run.off is None or run.off.empty:
        return None
    several_files = run.off["source"].nunique() > 1
    lines = tuple(
        (
            Cell(str(each["row"]), small=plain(each["source"]) if several_files else "", numeric=True),
            Cell(number(each["truth"]), numeric=True),
            Cell(number(each["prediction"]), numeric=True),
            Cell(number(each["spread"]), numeric=True),
            Cell(shorten(each["decision"] or "", 100), name=True),
        )
        for each in run.off.head(_FARTHEST).to_dict("records")
    )
    head = (
        heading("Row", numeric=True),
        heading("Truth", numeric=True),
        heading("Answer", numeric=True),
        heading("Expected to be off by", numeric=True),
        heading("Decision"),
    )
    caption = (
        f"The {count(len(lines))} rows of the data file, counted from 1, whose answers were farthest off. Look them up "
        "first: some are mistakes in the data, the rest show what it does not understand."
    )
    blocks: list[Block] = [Table(head, lines, caption)]
    if texts is not None:
        shown = [int(row) for row in run.off["row"].head(_FARTHEST)]
        entries = tuple((f"Row {row}", shorten(texts[row], _TEXT)) for row in shown if row in texts)
        blocks.append(Glossary("Their texts", entries, folded=False))
        warning = (
            "This report holds texts of the data, because it was asked to. Treat it as you treat the data."
        )
        blocks.insert(0, Words(warning, "alarm"))
    return Section("farthest", "Its largest errors", blocks, "Largest errors")
