"""What the experts beside the model are worth, and what they held of single rows."""

from __future__ import annotations

from collections.abc import Mapping

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Cell, Section, Table, Words, heading, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.scores import compared
from vertikit.run.report.wording import Score, count, share, shorten

_USES = {
    "features": "what it knows joins the model's input",
    "constraint": "it bounds the probabilities",
    "veto": "it overrules decisions",
}
_WORDS = {"constraint": "Held as a bound on the probability", "veto": "Overruled the decision"}
_MOST = 20


def experts(run: RunFiles) -> Section | None:
    """Experts alone, the model without them, and both; then each reason that experts gave."""
    found: Json = run.metrics.get("experts") or {}
    blocks: list[Block] = [*_compared(run, found), *_rulings(run.metrics.get("rulings") or {})]
    return Section("experts", "Experts beside the model", blocks, "Experts") if blocks else None


def _compared(run: RunFiles, found: Json) -> list[Block]:
    names = {"with": "both", "alone": "experts alone", "without": "model without experts"}
    columns = {words: found[key] for key, words in names.items() if found.get(key)}
    table = compared(columns, run.metrics)
    if table is None or len(columns) < 2:
        return []
    used: Mapping[str, list[str]] = found.get("used") or {}
    told = "; ".join(
        f"{name}: {' and '.join(_USES.get(use, use) for use in uses)}" for name, uses in used.items()
    )
    through = found.get("through")
    alone = (
        f"“Experts alone” is {through} on what they know and nothing else."
        if through
        else "“Experts alone” gives every row the shares of the classes, within what the experts hold."
    )
    blocks: list[Block] = [
        Words(
            f"{told}. {alone} “Model without experts” was trained anew without them, where they add columns."
        )
    ]
    primary = str(run.metrics.get("primary", ""))
    scores = [(name, Score.of(column.get(primary))) for name, column in columns.items()]
    if len(scores) > 1:
        text = "The dot is the score on the test rows, the line its 95 % interval. “Both” should stand clear of each."
        blocks.append(picture(figures.compared(called(primary), scores), text))
    return [*blocks, table]


def _rulings(found: Json) -> list[Block]:
    lines = []
    for use, words in _WORDS.items():
        for each in (found.get(use) or [])[:_MOST]:
            lines.append(
                (
                    Cell(shorten(each.get("reason", ""), 120), name=True, full=str(each.get("reason", ""))),
                    Cell(words),
                    Cell(count(each.get("rows")), numeric=True),
                    Cell(share(each.get("right")), numeric=True),
                )
            )
    if not lines:
        return []
    head = (
        heading("What experts held"),
        heading("How"),
        heading("Test rows", numeric=True),
        heading("Right", numeric=True),
    )
    caption = "Right: the share of these rows whose truth is what the expert held. Look for one that is often wrong."
    blocks: list[Block] = [Table(head, tuple(lines), caption)]
    if "overruled" in found:
        blocks.append(Words(f"A veto changed {count(found['overruled'])} decisions on the test rows."))
    return blocks
