"""The drawings of an explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from vertikit.run.report.canvas import INK, MODEL, OTHER, PERCENT, SOFT, draw, legend_above
from vertikit.run.report.wording import number, share, shorten

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.explain.explaining import Adapted
    from vertikit.explain.parts.readings import Readings

LEAST = 0.05
"""Share of the most telling part's weight below which a part is left unmarked: the eye is to find what matters."""
MOST_SENSORS = 4
"""That are drawn of a window: those with the most to say."""


def blocks_drawn(adapted: Adapted, control: Adapted | None) -> Markup:
    """Relative norm of each block, the control's beside it; and what it costs to put the block back."""
    names = [each.name for each in adapted.changes]
    worth = {each.name: each.loss for each in adapted.reverted}
    other = {} if control is None else {each.name: each.norm for each in control.changes}

    def plot(figure: Figure) -> None:
        sides = figure.subplots(1, 2 if worth else 1, sharey=True, squeeze=False)[0]
        left = sides[0]
        lines = range(len(names))
        left.barh(
            [line - 0.18 for line in lines] if other else lines,
            [each.norm or 0.0 for each in adapted.changes],
            color=MODEL, height=0.34 if other else 0.55, label="this run",
        )  # fmt: skip
        if other:
            left.barh(
                [line + 0.18 for line in lines], [other.get(name) or 0.0 for name in names],
                color=OTHER, height=0.34, label="shuffled labels",
            )  # fmt: skip
            legend_above(left)
        left.set_yticks(lines, [_end(name) for name in names])
        left.tick_params(axis="y", length=0, labelcolor=INK)
        left.invert_yaxis()
        left.set_xlabel("relative norm")
        left.xaxis.set_major_formatter(PERCENT)
        left.xaxis.set_major_locator(MaxNLocator(3))
        if worth:
            right = sides[1]
            for line, name in enumerate(names):
                own = worth.get(name)
                if own is None:
                    continue
                if "ci95" in own:
                    right.plot(own["ci95"], [line, line], color=MODEL, linewidth=1.4, solid_capstyle="butt")
                right.plot(own["value"], line, "o", color=MODEL, markersize=5)
            right.axvline(0, color=SOFT, linewidth=1)
            right.set_xlabel("loss rises by")
            right.xaxis.set_major_locator(MaxNLocator(2))
            right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        for axes in sides:
            axes.grid(False, axis="y")
            axes.margins(y=0.02)

    told = "; ".join(
        f"{each.name} {share(each.norm)}"
        + (f", loss {number(worth[each.name]['value'], signed=True)}" if each.name in worth else "")
        + (f", shuffled labels {share(other[each.name])}" if other.get(each.name) is not None else "")
        for each in adapted.changes
    )
    return draw("blocks", f"Change of each block: {told}.", 0.9 + 0.3 * len(names), plot)


def _end(name: str, width: int = 18) -> str:
    """The end of a dotted name, which tells it from others."""
    return name if len(name) <= width else f"…{name[1 - width :]}"


def deletion_drawn(curves: Mapping[str, Sequence[float]], numbers: bool) -> Markup:
    """The fall of the answer as parts go, in the order of the attribution and in random ones."""
    shares = curves["shares"]

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(shares, curves["named"], color=MODEL, label="what was named first")
        axes.plot(shares, curves["others"], color=OTHER, linestyle="--", label="in random order")
        axes.set_xlabel("share of the parts that is gone")
        axes.set_ylabel("number moves by" if numbers else "probability falls by")
        axes.xaxis.set_major_formatter(PERCENT)
        legend_above(axes)

    ends = "; ".join(
        f"{share(gone)} gone: {number(one)} against {number(two)}"
        for gone, one, two in zip(shares, curves["named"], curves["others"], strict=True)
    )
    return draw("deletion", f"Fall of the answer, named first against random order: {ends}.", 2.8, plot)


def readings_drawn(name: str, kind: Readings, shares: NDArray[np.float64]) -> Markup | None:
    """The sensors of a window that have the most to say, with their stretches shaded; nothing where none has."""
    totals: dict[str, float] = {}
    for part, own in zip(kind.parts, shares.tolist(), strict=True):
        if abs(own) >= LEAST:
            totals[part.column] = totals.get(part.column, 0.0) + abs(own)
    chosen = sorted(totals, key=lambda column: -totals[column])[:MOST_SENSORS]
    if not chosen:
        return None

    def plot(figure: Figure) -> None:
        sides = figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]
        for axes, column in zip(sides, chosen, strict=True):
            axes.plot(kind.readings[:, kind.names.index(column)], color=INK, linewidth=1)
            for part, own in zip(kind.parts, shares.tolist(), strict=True):
                if part.column == column and abs(own) >= LEAST:
                    axes.axvspan(
                        part.start, part.stop, color=MODEL if own > 0 else OTHER, alpha=0.5 * abs(own),
                        linewidth=0, hatch=None if own > 0 else "//",
                    )  # fmt: skip
            axes.set_ylabel(shorten(column, 12))
            axes.grid(False)
            axes.yaxis.set_major_locator(MaxNLocator(2))
        sides[-1].set_xlabel("reading of the window")

    told = "; ".join(
        f"{part.name} {number(own, signed=True)}"
        for own, part in sorted(
            zip(shares.tolist(), kind.parts, strict=True), key=lambda each: -abs(each[0])
        )[:5]
    )
    return draw(name, f"Readings and what spoke for the answer: {told}.", 0.6 + 0.9 * len(chosen), plot)
