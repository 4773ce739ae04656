"""The report of a transfer matrix: a heat map of differences, and the figures behind it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from vertikit.run.report.canvas import FAINT, INK, SOFT, draw
from vertikit.run.report.page import Block, Cell, Section, Table, Words, heading, picture
from vertikit.run.report.sections import page_of
from vertikit.run.report.verdict import Tile, Verdict
from vertikit.run.report.wording import MISSING, Score, number, several, shorten
from vertikit.training.started import NEGATIVE
from vertikit.transfer.told import PLAIN, Matrix
from vertikit.transfer.told import Cell as Trained

BETTER, WORSE = (35, 120, 180), (200, 85, 40)
"""Red, green and blue of the largest difference of a line to either side."""
WORDS = {
    NEGATIVE: "negative transfer",
    "helps": "helps, beyond luck",
    "lower": "lower, may be luck",
    "higher": "higher, may be luck",
    "same": "no difference",
    "unknown": "cannot be told",
    "": "not possible",
}


def page(matrix: Matrix, name: str) -> str:
    """The page as one string of HTML."""
    found = matrix.told()
    kinds = [cell.kind for _, cell in found]
    counts = tuple(
        Tile(words, str(kinds.count(kind)), f"of {len(kinds)}")
        for kind, words in (("helps", "Help beyond luck"), (NEGATIVE, "Hurt beyond luck"))
    )
    return page_of(
        name=name,
        task=f"{several(len(matrix.sources), 'run')} to {several(len(matrix.lines), 'target')}",
        summary="what runs are worth as a start for other tasks",
        date=time.strftime("%Y-%m-%d %H:%M"),
        evaluated="",
        verdict=Verdict(
            "", "", _verdict(kinds), counts, "Every cell has the rows, the seed and the recipe of its line."
        ),
        warnings=[("warning", each) for each in matrix.warnings],
        sections=[_map(matrix), _figures(matrix), _sources(matrix)],
        card=[],
        shows_values=False,
        files="The figures stand in matrix.json, the answers of every cell in answers/, beside this file.",
    )


def _verdict(kinds: Sequence[str]) -> str:
    better, worse = kinds.count("helps"), kinds.count(NEGATIVE)
    told = (
        f"Of {several(len(kinds), 'start')} from another run, {better} beat the plain encoder beyond luck, "
    )
    return told + f"and {worse} {'is' if worse == 1 else 'are'} worse beyond luck."


def _map(matrix: Matrix) -> Section:
    text = (
        "The difference to the plain encoder on the same test rows, in the metric of the line: blue is better, orange "
        "is worse, and the deepest colour is the largest difference of the line. A star: beyond luck (95 % interval)."
    )
    return Section("map", "Transfer matrix", [picture(_drawn(matrix), text)], "Matrix")


def _drawn(matrix: Matrix) -> Markup:
    sources, lines = matrix.sources, matrix.lines

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for down, line in enumerate(lines):
            values = [abs(line.cell(each.name).difference.get("value") or 0.0) for each in sources]
            for across, source in enumerate(sources):
                cell = line.cell(source.name)
                value = cell.difference.get("value")
                colour = FAINT if value is None else _colour(value / max(*values, 1e-12, 0.0))
                axes.add_patch(Rectangle((across, down), 0.96, 0.92, facecolor=colour, edgecolor="none"))
                axes.text(
                    across + 0.48, down + 0.46, _said(cell), ha="center", va="center",
                    color=INK if value is None else "#111111",
                )  # fmt: skip
        axes.set_xlim(0, len(sources))
        axes.set_ylim(len(lines), 0)
        axes.set_xticks(
            [at + 0.48 for at in range(len(sources))], [shorten(each.name, 14) for each in sources]
        )
        axes.set_yticks([at + 0.46 for at in range(len(lines))], [shorten(each.target, 22) for each in lines])
        axes.tick_params(length=0, labelcolor=INK)
        axes.set_xlabel("started from", color=SOFT)
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)

    alt = "; ".join(
        f"{line.target} from {source.name}: {_said(line.cell(source.name))}"
        for line in lines
        for source in sources
    )
    return draw("transfer", f"Differences to the plain encoder: {alt}.", 0.9 + 0.55 * len(lines), plot)


def _said(cell: Trained) -> str:
    value = cell.difference.get("value")
    star = "*" if cell.kind in (NEGATIVE, "helps") else ""
    return MISSING if value is None else number(value, signed=True) + star


def _colour(depth: float) -> str:
    """From nearly white to the colour of its side; `depth` from -1 to 1."""
    end = BETTER if depth > 0 else WORSE
    share = min(1.0, abs(depth)) * 0.75
    return "#" + "".join(f"{round(245 + (one - 245) * share):02x}" for one in end)


def _figures(matrix: Matrix) -> Section:
    head = (heading("Target"), heading("Started from"), heading("Score", numeric=True),
            heading("Less the plain encoder", numeric=True), heading("What it says"),
            heading("Seconds", numeric=True))  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    marked: set[int] = set()
    for line in matrix.lines:
        marked.add(len(lines))
        plain = line.cell(PLAIN)
        small = f"{line.primary}; {line.rows:,} rows train, {line.tested:,} judge" if line.primary else ""
        lines.append(
            (
                Cell(line.target, small=small),
                Cell("the plain encoder"),
                *_scored(plain),
                Cell(plain.why),
                _took(plain),
            )
        )
        for source in matrix.sources:
            cell = line.cell(source.name)
            says = Cell(WORDS[cell.kind], small="; ".join(cell.notes))
            lines.append(
                (Cell(""), Cell(shorten(source.name, 40), name=True), *_scored(cell), says, _took(cell))
            )
    return Section("figures", "The figures", [Table(head, tuple(lines), "", frozenset(marked))], "Figures")


def _scored(cell: Trained) -> tuple[Cell, Cell]:
    score, less = Score.of(cell.score), Score.of(cell.difference)
    ends = "" if less.low is None else f"{number(less.low, signed=True)} to {number(less.high, signed=True)}"
    return (
        Cell(score.text, small=score.interval, numeric=True, full=score.why),
        Cell(number(less.value, signed=True), small=ends, numeric=True, full=less.why),
    )


def _took(cell: Trained) -> Cell:
    return Cell(MISSING if cell.seconds is None else number(cell.seconds), numeric=True)


def _sources(matrix: Matrix) -> Section:
    blocks: list[Block] = [
        Words(f"{each.name}: {each.folder}, a run of {each.task}.") for each in matrix.sources
    ]
    blocks.append(
        Words(
            "To train with one and judge it whole: vertikit train TASK --data … --set start.run=RUN", "soft"
        )
    )
    return Section("sources", "The runs", blocks, "Runs")
