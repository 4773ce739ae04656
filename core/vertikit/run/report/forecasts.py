"""Of a target that is foretold: forecasts beside what came, and how errors grow with the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vertikit.run.report.canvas import INK, MODEL, OTHER, PERCENT, SOFT, draw, legend_above
from vertikit.run.report.page import Block, Picture, Pictures, Section, picture
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import number, share


def forecasts(run: RunFiles) -> Section | None:
    """A few forecasts, and the mean absolute error and the interval's coverage by step."""
    horizon = run.metrics.get("horizon") or {}
    shown = [each for each in run.metrics.get("forecasts") or () if isinstance(each, Mapping)]
    blocks: list[Block] = []
    if shown:
        drawings = tuple(
            Picture(_fan(each, at), f"{str(each['told']).capitalize()}: what it foretold, and what came.")
            for at, each in enumerate(shown)
        )
        blocks.append(Pictures(drawings))
    if len(horizon.get("step") or ()) > 1:
        caption = (
            "How far off the median is on average, by how far ahead it looks. A line that rises steeply says how soon "
            "forecasts stop being of use."
        )
        blocks.append(picture(_errors(horizon["step"], horizon["error"]), caption))
        if horizon.get("held"):
            level = float(horizon["level"])
            told = (
                f"How often the interval holds the truth, by step; it is to be {share(level)} at every step."
            )
            blocks.append(picture(_held(horizon["step"], horizon["held"], level), told))
    return Section("forecasts", "Its forecasts", blocks, "Forecasts") if blocks else None


def _fan(shown: Mapping[str, Any], at: int) -> Markup:
    steps, truth = shown["step"], [float("nan") if each is None else each for each in shown["truth"]]

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.fill_between(
            steps, shown["low"], shown["high"], color=MODEL, alpha=0.2, linewidth=0, label="interval"
        )
        axes.plot(steps, shown["middle"], color=MODEL, label="median")
        axes.plot(steps, truth, color=INK, linestyle="--", linewidth=1.2, label="what came")
        axes.set_xlabel("step")
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        legend_above(axes, columns=3)

    known = [(one, other) for one, other in zip(truth, shown["middle"], strict=True) if one == one]
    off = sum(abs(one - other) for one, other in known) / max(len(known), 1)
    alt = f"A forecast of {len(steps)} steps and what came; off by {number(off)} on average."
    return draw(f"forecast-{at}", alt, 2.9, plot)


def _errors(steps: Sequence[int], error: Sequence[float]) -> Markup:
    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(steps, error, color=MODEL, marker="o" if len(steps) <= 25 else None, markersize=4)
        axes.set_xlabel("step")
        axes.set_ylabel("mean absolute error")
        axes.set_ylim(0, 1.1 * max(error) or 1)
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))

    alt = f"Mean absolute error by step: from {number(error[0])} at the first to {number(error[-1])} at the last."
    return draw("errors-by-step", alt, 2.8, plot)


def _held(steps: Sequence[int], held: Sequence[float], level: float) -> Markup:
    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axhline(level, color=SOFT, linestyle="--", linewidth=1.2, label="to be")
        axes.plot(steps, held, color=OTHER, label="is")
        axes.set_xlabel("step")
        axes.set_ylabel("interval holds the truth")
        axes.set_ylim(0, 1.03)
        axes.yaxis.set_major_formatter(PERCENT)
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        legend_above(axes)

    alt = f"Share of steps whose truth lies in the interval: from {share(held[0])} to {share(held[-1])}."
    return draw("held-by-step", alt, 2.6, plot)
