"""Runs side by side as a page: quality against time and against size."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from vertikit.run.report.canvas import INK, MODEL, OTHER, draw
from vertikit.run.report.page import Cell, Section, Table, heading, picture
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Verdict
from vertikit.run.report.wording import MISSING, Score, number, shorten, size

ALIKE = 1.1
"""Times that differ by less than this factor are one time."""


@dataclass(frozen=True)
class Point:
    """A run: its name and score, and what it takes (`vertikit.deploy.timing.Timing`)."""

    name: str
    score: Score
    p50: float
    p95: float
    rows_per_second: float
    weight_bytes: int
    memory: int | None = None


def frontier(
    costs: Sequence[float], values: Sequence[float], higher_is_better: bool, alike: float = 1.0
) -> list[int]:
    """Positions that no other beats: none is as cheap and better, or cheaper and as good; the cheapest first.

    Costs that differ by less than the factor `alike` count as equal: a clock is not exact.
    """
    sign = 1 if higher_is_better else -1

    def beaten(cost: float, value: float) -> bool:
        return any(
            (other <= cost * alike and sign * (good - value) > 0)
            or (other * alike < cost and sign * (good - value) >= 0)
            for other, good in zip(costs, values, strict=True)
        )

    found = [
        at for at, (cost, value) in enumerate(zip(costs, values, strict=True)) if not beaten(cost, value)
    ]
    return sorted(found, key=lambda at: costs[at])


def page(
    task: str, primary: str, higher_is_better: bool, points: Sequence[Point], warnings: Sequence[str]
) -> str:
    """The page as one string of HTML."""
    known = [each for each in points if each.score.value is not None]
    costs = [each.p50 for each in known]
    values = [each.score.value or 0.0 for each in known]
    best = [known[at].name for at in frontier(costs, values, higher_is_better, ALIKE)]
    sentence = f"No other run is as quick and better than {best[0]}." if len(best) == 1 else (
        f"{' and '.join(best)}: none of the others is both as quick and as good as one of these."
    )  # fmt: skip
    lines = tuple(
        (
            Cell(each.name, name=True),
            Cell(each.score.text, small=each.score.interval, numeric=True),
            Cell(number(each.p50), numeric=True),
            Cell(number(each.p95), numeric=True),
            Cell(f"{each.rows_per_second:,.0f}", numeric=True),
            Cell(size(each.weight_bytes), numeric=True),
            Cell(MISSING if each.memory is None else size(each.memory), numeric=True),
        )
        for each in points
    )
    heads = ("ms a row, median", "ms a row, 95 %", "rows a second", "weights", "memory")
    head = (heading("Run"), heading(primary, numeric=True), *(heading(each, numeric=True) for each in heads))
    marked = frozenset(at for at, each in enumerate(points) if each.name in best)
    caption = "Set off: the runs that no other beats in time and quality. Timed on this machine, from parsed values on."
    sections = [
        Section(
            "time",
            "Quality and time",
            [picture(_drawn(known, primary, higher_is_better, "ms"), _TEXT)],
            "Time",
        ),
        Section(
            "size",
            "Quality and size",
            [picture(_drawn(known, primary, higher_is_better, "MB"), _TEXT)],
            "Size",
        ),
        Section("runs", "The runs", [Table(head, lines, caption, marked)], "Runs"),
    ]
    return page_of(
        name=f"{len(points)} runs",
        task=task,
        summary="quality against time and size",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict("", "", sentence, (), f"{primary} on each run's own test rows."),
        warnings=[("warning", each) for each in warnings],
        sections=sections,
        card=[],
        shows_values=False,
        files="The figures of each run stand in its own folder.",
    )


_TEXT = "Up and left is better. The line joins the runs that no other beats; the bars are 95 % intervals of test rows."


def _drawn(points: Sequence[Point], primary: str, higher_is_better: bool, unit: str) -> Markup:
    costs = [each.p50 if unit == "ms" else each.weight_bytes / 1e6 for each in points]
    values = [each.score.value or 0.0 for each in points]
    edge = frontier(costs, values, higher_is_better, ALIKE if unit == "ms" else 1.0)

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([costs[at] for at in edge], [values[at] for at in edge], color=MODEL, linewidth=1.2)
        for at, (each, cost, value) in enumerate(zip(points, costs, values, strict=True)):
            colour = MODEL if at in edge else OTHER
            if each.score.low is not None and each.score.high is not None:
                axes.plot([cost, cost], [each.score.low, each.score.high], color=colour, linewidth=1.2)
            axes.plot(cost, value, "o", color=colour, markersize=6)
            axes.annotate(
                shorten(each.name, 18),
                (cost, value),
                (7, 4),
                textcoords="offset points",
                color=INK,
                fontsize=8,
            )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("milliseconds of one row" if unit == "ms" else "MB of weights")
        axes.set_ylabel(primary)
        axes.margins(x=0.25, y=0.12)
        if not higher_is_better:
            axes.invert_yaxis()

    told = "; ".join(
        f"{each.name} {number(value)} at {cost:.3g} {unit}"
        for each, cost, value in zip(points, costs, values, strict=True)
    )
    return draw(f"pareto-{unit.lower()}", f"{primary} against {unit}: {told}.", 3.4, plot)
