"""The pictures of a report, each with words for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vertikit.run.report.canvas import (
    FAINT,
    INK,
    MODEL,
    OTHER,
    PERCENT,
    SOFT,
    draw,
    legend_above,
)
from vertikit.run.report.wording import Score, number, share, shorten

Points = Sequence[tuple[float, float]]


def compared(what: str, scores: Sequence[tuple[str, Score]]) -> Markup:
    """A dot and its interval for the model (first) and each baseline, on one scale."""
    drawn = [(name, score) for name, score in scores if score.value is not None]

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for line, (_, score) in enumerate(drawn):
            colour = MODEL if line == 0 else OTHER
            assert score.value is not None
            if score.low is not None and score.high is not None:
                axes.plot([score.low, score.high], [line, line], color=colour, solid_capstyle="butt")
                for end in (score.low, score.high):
                    axes.plot([end, end], [line - 0.09, line + 0.09], color=colour, linewidth=1.4)
            axes.plot(score.value, line, marker="o" if line == 0 else "s", markersize=7, color=colour)
            axes.annotate(
                score.text, (score.value, line), (0, 8), textcoords="offset points", ha="center", color=INK
            )
        axes.set_yticks(range(len(drawn)), [shorten(name, 22) for name, _ in drawn])
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.set_ylim(len(drawn) - 0.6, -0.65)
        axes.grid(False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.1)
        axes.set_xlabel(f"{what}, test rows")
        axes.xaxis.set_major_locator(MaxNLocator(6))

    alt = f"{what}: " + "; ".join(f"{name} {score.sentence}" for name, score in drawn) + "."
    return draw("compared", alt, 0.85 + 0.48 * len(drawn), plot)


def course(
    name: str, what: str, lines: Mapping[str, Points], best: int | None = None, best_line: str = ""
) -> Markup:
    """Values by epoch, a line each; the epoch that was kept is marked on one of them."""
    colours = dict(zip(lines, (OTHER, MODEL) if len(lines) > 1 else (MODEL,), strict=False))

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for line, points in lines.items():
            marker = "o" if len(points) <= 25 else None
            axes.plot(
                [x for x, _ in points], [y for _, y in points], label=line, color=colours[line],
                marker=marker, markersize=4, linestyle="-" if colours[line] == MODEL else "--",
            )  # fmt: skip
        kept = dict(lines.get(best_line, ())).get(best) if best is not None else None
        if best is not None and kept is not None:
            axes.plot(
                best, kept, marker="o", markersize=11, markerfacecolor="none", markeredgecolor=INK,
                markeredgewidth=1.4, linestyle="none", label=f"kept: epoch {best}",
            )  # fmt: skip
        axes.set_xlabel("epoch (pass over the training rows)")
        axes.set_ylabel(what)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
        axes.margins(x=0.04, y=0.1)
        legend_above(axes, columns=3)

    ends = [
        f"{line} from {number(points[0][1])} to {number(points[-1][1])}"
        for line, points in lines.items()
        if points
    ]
    alt = f"{what} by epoch: " + "; ".join(ends) + (f"; epoch {best} was kept." if best is not None else ".")
    return draw(name, alt, 2.9, plot)


def reliability(confidence: Sequence[float], right: Sequence[float], rows: Sequence[float]) -> Markup:
    """How often the model is right when it is so sure, and how many rows that is."""

    def plot(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
        upper.plot([0, 1], [0, 1], linestyle="--", linewidth=1.2, color=SOFT, label="just as sure as right")
        upper.plot(confidence, right, marker="o", markersize=5, color=MODEL, label="this model")
        upper.set_ylabel("how often it was right")
        upper.set_ylim(-0.03, 1.03)
        upper.yaxis.set_major_formatter(PERCENT)
        legend_above(upper)
        lower.bar(confidence, rows, width=0.035, color=MODEL, alpha=0.75)
        lower.set_ylabel("rows")
        lower.set_xlabel("how sure it said it was")
        lower.grid(False, axis="x")
        lower.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        lower.set_xlim(-0.03, 1.03)
        lower.xaxis.set_major_formatter(PERCENT)
        figure.align_ylabels()

    bins = zip(confidence, right, rows, strict=True)
    alt = "How sure the model was and how often it was right: " + "; ".join(
        f"{share(sure)} sure, {share(hit)} right, {amount:,.0f} rows" for sure, hit, amount in bins
    )
    return draw("reliability", alt + ".", 4.1, plot)


def nearness(
    prediction: Sequence[float],
    truth: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    rows: Sequence[float],
) -> Markup:
    """Mean truth, and its middle eight tenths, against the mean answer of groups of rows."""

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        ends = [min([*prediction, *low]), max([*prediction, *high])]
        axes.plot(ends, ends, linestyle="--", linewidth=1.2, color=SOFT, label="just right")
        axes.vlines(prediction, low, high, color=MODEL, linewidth=1.4)
        axes.plot(prediction, truth, marker="o", markersize=5, linestyle="none", color=MODEL, label="truth")
        axes.set_xlabel("what it answered, mean of a group of rows")
        axes.set_ylabel("truth")
        legend_above(axes)

    bins = zip(prediction, truth, low, high, rows, strict=True)
    alt = "Answer and truth by group of rows: " + "; ".join(
        f"answered {said:.3g}, truth {meant:.3g} ({least:.3g} to {most:.3g}), {amount:,.0f} rows"
        for said, meant, least, most, amount in bins
    )
    return draw("nearness", alt + ".", 3.4, plot)


def risk_coverage(
    coverage: Sequence[float],
    risk: Sequence[float],
    point: tuple[float, float] | None,
    measure: str = "",
) -> Markup:
    """The share of wrong answers (or another `measure` of error) against the share of rows answered, with the point
    that was chosen."""

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.fill_between(coverage, risk, color=FAINT, linewidth=0)
        axes.plot(coverage, risk, color=MODEL, label="surest answers first")
        if point is not None:
            answered, wrong = point
            axes.plot([answered, answered, 0], [0, wrong, wrong], color=SOFT, linewidth=1, linestyle=":")
            axes.plot(
                answered, wrong, marker="D", markersize=7, color=OTHER, linestyle="none", label="chosen point"
            )
        axes.set_xlabel("share of rows answered")
        axes.set_ylabel(f"{measure} among them" if measure else "wrong among them")
        axes.set_xlim(0, 1.02)
        highest = 1.12 * max([*risk, point[1] if point else 0.0, 0.0 if measure else 0.05])
        axes.set_ylim(0, highest if measure else min(1.02, highest))
        axes.xaxis.set_major_formatter(PERCENT)
        if not measure:
            axes.yaxis.set_major_formatter(PERCENT)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        legend_above(axes)

    if measure:
        alt = f"{measure} is {risk[-1]:.3g} when {share(coverage[-1])} of the rows are answered"
        if point is not None:
            alt += f"; at the chosen point {share(point[0])} are answered, with {point[1]:.3g}"
        return draw("risk-coverage", alt + ".", 3.0, plot)
    alt = f"Wrong answers rise to {share(risk[-1])} when {share(coverage[-1])} of the rows are answered"
    if point is not None:
        alt += (
            f"; at the chosen point {share(point[0])} are answered and {share(point[1])} of these are wrong"
        )
    return draw("risk-coverage", alt + ".", 3.0, plot)


def learning_curve(what: str, points: Sequence[tuple[float, Score]]) -> Markup:
    """The test score by number of training rows, with intervals."""
    drawn = [(rows, score) for rows, score in points if score.value is not None]

    def plot(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        for rows, score in drawn:
            if score.low is not None and score.high is not None:
                axes.plot([rows, rows], [score.low, score.high], color=MODEL, linewidth=1.4)
        axes.plot(
            [rows for rows, _ in drawn], [score.value or 0.0 for _, score in drawn], marker="o", color=MODEL
        )
        axes.set_xlabel("training rows")
        axes.set_ylabel(f"{what}, test rows")
        axes.set_xlim(left=0)
        axes.margins(y=0.1)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")

    alt = f"{what} by training rows: " + "; ".join(
        f"{rows:,.0f} rows {score.sentence}" for rows, score in drawn
    )
    return draw("learning-curve", alt + ".", 2.8, plot)
