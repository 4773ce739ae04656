"""The report of repeated runs: every fold and seed, and what they come to."""

from __future__ import annotations

import time
from typing import Any

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Cell, Section, Table, heading, picture
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Tile, Verdict
from vertikit.run.report.wording import Score, count, number


def page(name: str, found: dict[str, Any]) -> str:
    """The page as one string of HTML, of the content of summary.json."""
    primary = called(found["primary"])
    pooled = Score.of(found["pooled"])
    tiles = [
        Tile(f"Mean {primary}", number(found["mean"]), ""),
        Tile("All rows together", pooled.text, pooled.interval),
    ]
    return page_of(
        name=name,
        task=found["task"],
        summary="the same training on several splits",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict(
            "", "", found["told"], tuple(tiles), f"{len(found['runs'])} runs, every row tested once a seed."
        ),
        warnings=[],
        sections=[_runs(found, primary)],
        card=[],
        shows_values=False,
        files="The figures stand in summary.json; each run beside this file has a report of its own.",
    )


def _runs(found: dict[str, Any], primary: str) -> Section:
    scores = [
        (f"fold {each['fold']}, seed {each['seed']}", Score.of({"value": each["score"]}))
        for each in found["runs"]
    ]
    scores += [(name, Score.of({"value": value})) for name, value in (found.get("baselines") or {}).items()]
    lines = tuple(
        (
            Cell(each["run"], name=True),
            Cell(number(each["score"]), numeric=True),
            Cell(count(each["test_rows"]), numeric=True),
        )
        for each in found["runs"]
    )
    head = (heading("Run"), heading(primary, numeric=True), heading("test rows", numeric=True))
    text = (
        "A dot a run; baselines are means over all of them. Runs share most of their training rows, so their spread is "
        "no interval."
    )
    blocks: list[Block] = [picture(figures.compared(primary, scores), text), Table(head, lines)]
    return Section("runs", "Run by run", blocks, "Runs")
