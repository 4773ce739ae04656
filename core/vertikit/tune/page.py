"""The report of a tuning: course, importance, trials."""

from __future__ import annotations

import time

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vertikit.run.report.canvas import INK, MODEL, OTHER, draw, legend_above
from vertikit.run.report.page import Block, Cell, Code, Section, Table, Words, heading, picture
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Tile, Verdict
from vertikit.run.report.wording import Score, number, share, shorten
from vertikit.tune.told import Tuned, shown

ENDED = {"complete": "", "pruned": "ended early, behind the others", "fail": "failed"}


def page(found: Tuned, recipe: str) -> str:
    """The page as one string of HTML; `recipe` is the best one as YAML."""
    score = Score.of(found.score)
    tiles = [Tile("Best trial, validation rows", score.text, score.interval)]
    if found.plain is not None:
        plain = Score.of(found.plain_score)
        tiles.append(Tile("The recipe as it is", plain.text, plain.interval))
    if found.expected is not None:
        tiles.append(Tile("Expected on rows that did not choose", number(found.expected), ""))
    return page_of(
        name=found.folder.name,
        task=found.task,
        summary="settings tried on validation rows",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict(
            "", "", found.reason, tuple(tiles), f"{found.primary} on {found.valid:,} validation rows."
        ),
        warnings=[("warning", found.optimism)],
        sections=[
            each for each in (_course(found), _importance(found), _trials(found), _again(recipe)) if each
        ],
        card=[],
        shows_values=False,
        files="The figures stand in tuning.json, the best recipe in recipe.yaml, beside this file.",
    )


def _course(found: Tuned) -> Section:
    done = [(each.number, each.score) for each in found.trials if each.score is not None]
    best: list[tuple[int, float]] = []
    for at, score in done:
        lead = best[-1][1] if best else score
        best.append((at, max(lead, score) if found.higher_is_better else min(lead, score)))

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(
            [at for at, _ in done], [y for _, y in done], "o", color=OTHER, markersize=4, label="a trial"
        )
        axes.step(
            [at for at, _ in best], [y for _, y in best], where="post", color=MODEL, label="the best so far"
        )
        axes.set_xlabel("trial")
        axes.set_ylabel(f"{found.primary}, validation rows")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
        axes.margins(x=0.04, y=0.1)
        legend_above(axes)

    alt = f"{found.primary} by trial: the best is trial {found.best.number} with {number(found.best.score)}."
    text = "Where the line has long been level, more trials would find little."
    return Section("course", "Trial by trial", [picture(draw("course", alt, 2.9, plot), text)], "Course")


def _importance(found: Tuned) -> Section | None:
    if not found.importance:
        return None
    names = list(found.importance)

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        values = [found.importance[name] for name in names]
        axes.barh(range(len(names)), values, color=MODEL, height=0.55)
        for line, value in enumerate(values):
            axes.annotate(
                share(value), (value, line), (4, 0), textcoords="offset points", va="center", color=INK
            )
        axes.set_yticks(range(len(names)), [shorten(name, 24) for name in names])
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(False, axis="y")
        axes.set_xlim(0, max(values) * 1.15 or 1)
        axes.set_xlabel("share of the variation of scores")

    alt = (
        "Importance: " + "; ".join(f"{name} {share(value)}" for name, value in found.importance.items()) + "."
    )
    text = "By fANOVA over the trials that came to an end. Few trials make it a guess."
    drawn = picture(draw("importance", alt, 0.8 + 0.4 * len(names), plot), text)
    return Section("importance", "What mattered", [drawn], "Importance")


def _trials(found: Tuned) -> Section:
    keys = [knob.key for knob in found.knobs]
    head = (heading("Trial"), heading(found.primary, numeric=True), *(heading(key, name=True) for key in keys),
            heading("Seconds", numeric=True))  # fmt: skip
    sign = -1 if found.higher_is_better else 1
    order = sorted(found.trials, key=lambda each: (each.score is None, sign * (each.score or 0), each.number))
    lines = tuple(
        (
            Cell(str(each.number), small=ENDED.get(each.state, each.state), full=each.why),
            Cell("–" if each.score is None else number(each.score), numeric=True),
            *(Cell(shown(each.settings.get(key)), numeric=True) for key in keys),
            Cell(number(each.seconds), numeric=True),
        )
        for each in order
    )
    blocks: list[Block] = [Table(head, lines, "The best first.", frozenset({0}))]
    return Section("trials", "All trials", blocks, "Trials")


def _again(recipe: str) -> Section:
    blocks: list[Block] = [
        Words("Train with it to see the test rows: vertikit train TASK --data … --recipe recipe.yaml"),
        Code(recipe, "The best recipe", folded=True),
    ]
    return Section("again", "The recipe", blocks, "Recipe")
