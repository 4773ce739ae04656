"""The classes one by one."""

from __future__ import annotations

from collections.abc import Sequence

from vertikit.run.report.measures import called, of_class
from vertikit.run.report.page import Cell, Section, Table, figure, heading
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, count, finite, shorten

_PLAIN = {
    "precision": "of the rows it called this, the share that were",
    "recall": "of the rows that were this, the share it found",
    "f1": "one figure for both",
    "support": "test rows of this class",
}


def classes(run: RunFiles) -> Section | None:
    """A line per class, the weakest first, with what it is taken for most often."""
    labels = [str(label) for label in run.metrics.get("labels") or ()]
    test: Json = run.metrics.get("test") or {}
    families = list(dict.fromkeys(key.partition(".")[0] for key in test if of_class(key, labels)))
    if not families:
        return None
    counted = [family for family in families if _counts(test, family, labels)]
    scored = [family for family in families if family not in counted]
    deciding = next((each for each in scored if str(run.metrics.get("primary", "")).endswith(each)), "")
    deciding = deciding or (scored[-1] if scored else "")
    others = [family for family in scored if family != deciding]
    taken_for = _taken_for(run.metrics.get("confusion"), labels)

    def weakness(label: str) -> tuple[float, str]:
        value = Score.of(test.get(f"{deciding}.{label}")).value
        return (float("inf") if value is None else value, label)

    lines = []
    for label in sorted(labels, key=weakness):
        strip = Score.of(test.get(f"{deciding}.{label}")) if deciding else None
        drawable = strip is not None and strip.value is not None and 0 <= strip.value <= 1
        line = [Cell(shorten(label, 60), name=True, full=label)]
        line += [
            Cell(count(Score.of(test.get(f"{family}.{label}")).value), numeric=True) for family in counted
        ]
        if strip is not None:
            line += [figure(strip), Cell(strip=strip if drawable else None)]
        line += [figure(Score.of(test.get(f"{family}.{label}"))) for family in others]
        if taken_for:
            line.append(Cell(taken_for.get(label, ""), name=True))
        lines.append(tuple(line))
    head = [heading("Class"), *(heading(_column(name), numeric=True) for name in counted)]
    if deciding:
        head += [heading(_column(deciding), numeric=True), heading("from 0 to 1")]
    head += [heading(_column(name), numeric=True) for name in others]
    if taken_for:
        head.append(heading("Most often taken for"))
    explained_columns = [f"{_column(name)}: {_PLAIN[name]}" for name in (*scored, *counted) if name in _PLAIN]
    caption = "The weakest class is first. " + "; ".join(explained_columns)
    return Section(
        "classes", "Class by class", [Table(tuple(head), tuple(lines), caption.rstrip(". ") + ".")], "Classes"
    )


def _counts(test: Json, family: str, labels: Sequence[str]) -> bool:
    """Whether a family counts something: metrics give counts as whole numbers, scores never."""
    values = [test.get(f"{family}.{label}", {}).get("value") for label in labels]
    return all(value is None or isinstance(value, int) for value in values)


def _taken_for(confusion: object, labels: Sequence[str]) -> dict[str, str]:
    """Label -> the wrong class that most of its rows were given, with how many."""
    if not isinstance(confusion, list) or len(confusion) != len(labels):
        return {}
    found = {}
    for position, (label, line) in enumerate(zip(labels, confusion, strict=True)):
        wrong = {other: finite(amount) or 0.0 for other, amount in enumerate(line) if other != position}
        worst = max(wrong, key=lambda other: wrong[other], default=None)
        if worst is not None and wrong[worst] > 0:
            found[label] = f"{shorten(labels[worst], 40)} ({wrong[worst]:.0f})"
    return found


def _column(family: str) -> str:
    return "Rows" if family == "support" else called(family)
