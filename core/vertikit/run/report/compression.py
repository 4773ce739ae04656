"""A smaller run beside the one that it was made of: how good, how large, how quick."""

from __future__ import annotations

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Cell, Section, Table, Words, heading, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.scores import compared
from vertikit.run.report.wording import MISSING, Score, count

SIDES = {"before": "the run it was made of", "after": "this run"}
HEAD = ("weights, MB", "memory, MB", "one row, ms", "95 % of them, ms", "rows a second", "parameters")
CAPTION = (
    "Each measured in a process of its own, on rows of the data, from parsed values to answers. Memory is what the run "
    "takes beside its libraries."
)


def compression(run: RunFiles) -> Section | None:
    """What was done, what it takes to run both, and their scores on the same test rows."""
    found: Json = run.metrics.get("compression") or {}
    if not found.get("before") or not found.get("after"):
        return None
    steps = [f"{each['name']}: {each['told']}" for each in found.get("steps") or ()]
    made = f"Made of the run {found.get('run')}, step by step: {'; '.join(steps)}."
    made += (
        " What is left was trained again, by the truth and by the answers of that run."
        if found.get("trained")
        else " Nothing was trained again but, where there is one, the head on frozen features."
    )
    blocks: list[Block] = [Words(made)]
    primary = str(run.metrics.get("primary", ""))
    difference = found.get("difference")
    if difference:
        less = Score.of(difference).sentence
        blocks.append(Words(f"In {called(primary)}, this run less that one on the same rows: {less}."))
    if found.get("told"):
        blocks.append(Words(" ".join(found["told"])))
    for side, why in (found.get("unmeasured") or {}).items():
        blocks.append(Words(f"{SIDES[side]} could not be measured: {why}."))
    parameters: Json = found.get("parameters") or {}
    lines = tuple(_sizes(words, found[side], parameters.get(side)) for side, words in SIDES.items())
    blocks.append(Table((heading(""), *(heading(each, numeric=True) for each in HEAD)), lines, CAPTION))
    if found.get("tried"):
        blocks.append(_tried(found))
    columns = {words: found[side]["test"] for side, words in SIDES.items()}
    scores = [(words, Score.of(column.get(primary))) for words, column in columns.items()]
    text = "The dot is the score on the test rows, the line its 95 % interval."
    blocks.append(picture(figures.compared(called(primary), scores), text))
    table = compared(columns, run.metrics)
    if table is not None:
        blocks.append(table)
    return Section("compression", "Made smaller", blocks, "Made smaller")


def _tried(found: Json) -> Table:
    """Every candidate of the search."""
    head = ("size, MB", "one row, ms", "times as fast", "drop on validation rows")
    lines = []
    for each in found["tried"]:
        said = (
            "taken"
            if each.get("chosen")
            else "trained"
            if each.get("trained")
            else str(each.get("why") or "")
        )
        sizes = (
            (each.get("size"), 1e6, 1),
            (each.get("ms"), 1, 2),
            (each.get("speed"), 1, 1),
            (each.get("drop"), 1, 2),
        )
        values = [
            MISSING if value is None else f"{value / scale:,.{digits}f}" for value, scale, digits in sizes
        ]
        lines.append(
            (Cell(str(each.get("steps")), small=said), *(Cell(value, numeric=True) for value in values))
        )
    caption = (
        f"Candidates for the budget {found.get('budget')}, measured before training; the gentlest that fitted were "
        "trained. Times are of the network alone. The drop is in points, or in percent of a number."
    )
    return Table((heading("steps"), *(heading(each, numeric=True) for each in head)), tuple(lines), caption)


def _sizes(words: str, side: Json, parameters: object) -> tuple[Cell, ...]:
    kinds = (("bytes", 1e6, 1), ("memory", 1e6, 0), ("p50", 1, 2), ("p95", 1, 2), ("rows_per_second", 1, 0))
    shown = [*(_figure(side, *kind) for kind in kinds), count(parameters)]
    return (Cell(words), *(Cell(each, numeric=True) for each in shown))


def _figure(found: Json, key: str, scale: float, digits: int) -> str:
    value = found.get(key)
    return MISSING if value is None else f"{value / scale:,.{digits}f}"
