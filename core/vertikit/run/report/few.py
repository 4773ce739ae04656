"""How well classes are known again after a few examples of each."""

from __future__ import annotations

from vertikit.run.report.page import Block, Cell, Section, Table, Words
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import Score, count, number

MOST_CLASSES = 12
"""That have a column of their own."""


def few_shot(run: RunFiles) -> Section | None:
    """Recalls by the number of examples that were learnt of each class, where the recipe asked for it."""
    entries = run.metrics.get("few_shot") or ()
    if not entries:
        return None
    labels = list(entries[-1].get("by_class") or {})[:MOST_CLASSES]
    head = (
        Cell("Examples of each class"),
        Cell("Recall, mean", numeric=True),
        *(Cell(label, numeric=True, name=True) for label in labels),
    )
    lines = tuple(
        (
            Cell(
                "all that there are" if each.get("shots") is None else str(each["shots"]),
                small=f"{count(each.get('rows'))} rows",
            ),
            Cell(Score.of(each.get("recall")).sentence, numeric=True),
            *(Cell(number((each.get("by_class") or {}).get(label)), numeric=True) for label in labels),
        )
        for each in entries
    )
    said = (
        "The share of the test rows of each class that is known again by models that learnt so few training rows of "
        "each, averaged over several draws of these rows. Look where it levels off: that is how many examples a new "
        "kind needs."
    )
    blocks: list[Block] = [Words(said), Table(head, lines)]
    return Section("few-shot", "With few examples of each class", blocks, "Few examples")
