"""What was tried for few rows of each class, and what was taken."""

from __future__ import annotations

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Section, Words, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, count, number


def ways(run: RunFiles) -> Section | None:
    """The out-of-fold score of every setting, and what the choice of the best is worth."""
    found: Json = run.metrics.get("few_shot_mode") or {}
    tried = found.get("tried") or ()
    if not tried:
        return None
    chosen = next((str(each["name"]) for each in tried if each.get("chosen")), "")
    primary = called(str(found.get("primary", "")))
    told = (
        f"{count(found.get('rows'))} labelled rows, {count(found.get('largest_class'))} of the largest class: each was "
        f"answered by fits that had not seen it, and {chosen} has the best {primary}. Then all rows trained it."
    )
    if found.get("expected") is not None:
        told += f" The best of {len(tried)} promises too much: corrected for the choice, {number(found['expected'])}."
    blocks: list[Block] = [Words(told)]
    scores = [(str(each["name"]), Score.of(each["score"])) for each in tried]
    text = "Out of fold, on the labelled rows that are not the test's. Intervals that overlap much are ties."
    blocks.append(picture(figures.compared(primary, scores), text))
    return Section("ways", "Chosen for few rows", blocks, "Few rows")
