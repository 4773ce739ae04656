"""The figures of merit: over all test rows, on further tests, by slice, by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertikit.run.report import figures
from vertikit.run.report.measures import better, called, meaning
from vertikit.run.report.page import Block, Cell, Glossary, Section, Table, figure, heading, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, capital, count, finite, shorten, title

_PLAIN = {
    "precision": "of the rows it called this, the share that were",
    "recall": "of the rows that were this, the share it found",
    "f1": "one figure for both",
    "support": "test rows of this class",
}


def metrics(run: RunFiles) -> Section | None:
    """Each metric of the model beside each baseline's, and the primary one as a picture."""
    found, primary = run.metrics, str(run.metrics.get("primary", ""))
    baselines: Json = found.get("baselines") or {}
    columns = {"this model": found.get("test") or {}, **baselines}
    table = _compared(columns, found)
    if table is None:
        return None
    blocks: list[Block] = []
    scores = [(name, Score.of(column.get(primary))) for name, column in columns.items()]
    if sum(score.value is not None for _, score in scores) > 1:
        direction = "left" if found.get("higher_is_better") is False else "right"
        blocks.append(
            picture(
                figures.compared(called(primary), scores),
                f"Further {direction} is better. The dot is the score on the test rows, the line its 95 % "
                "interval. Look whether the model's line stands clear of the baselines'.",
            )
        )
    blocks.append(table)
    names = dict.fromkeys(key for column in columns.values() for key in column)
    meanings = tuple((called(name), meaning(name)) for name in names if meaning(name))
    if meanings:
        blocks.append(Glossary("What these measures say", meanings))
    return Section("metrics", "Scores beside the baselines", blocks, "Scores")


def tests(run: RunFiles) -> Section | None:
    """The named further tests beside the run's own."""
    further: Json = run.metrics.get("tests") or {}
    own = {"own test": run.metrics["test"]} if run.metrics.get("test") else {}
    table = _compared({**own, **further}, run.metrics) if further else None
    if table is None:
        return None
    caption = "The same model on rows from elsewhere. Look how much it loses against its own test."
    return Section(
        "tests", "Further tests", [Table(table.head, table.lines, caption, table.marked)], "Further tests"
    )


def slices(run: RunFiles) -> Section | None:
    """A table for each sensitive column, its values in order."""
    blocks: list[Block] = []
    for name, values in (run.metrics.get("slices") or {}).items():
        measures = list(dict.fromkeys(key for entry in values.values() for key in entry if key != "rows"))
        scored = [
            key for key in measures if any(isinstance(each.get(key), Mapping) for each in values.values())
        ]
        lines = [
            (
                Cell(shorten(value, 40), name=True, full=value),
                Cell(count(entry.get("rows")), numeric=True),
                *(
                    figure(score) if score.value is not None else Cell("too few", numeric=True)
                    for score in (Score.of(entry.get(key)) for key in scored)
                ),
            )
            for value, entry in values.items()
        ]
        head = (
            Cell(capital(str(name)), name=True),
            heading("Rows", numeric=True),
            *(heading(called(key), numeric=True) for key in scored),
        )
        blocks.append(Table(head, tuple(lines)))
    if not blocks:
        return None
    last = blocks[-1]
    assert isinstance(last, Table)
    caption = (
        "Look for a group that fares clearly worse, with an interval apart from the others'. Small groups have "
        "wide intervals; «too few» means that a figure would say nothing."
    )
    blocks[-1] = Table(last.head, last.lines, caption)
    return Section("slices", "By group of people or place", blocks, "By group")


def classes(run: RunFiles) -> Section | None:
    """A line per class, the weakest first, with what it is taken for most often."""
    labels = [str(label) for label in run.metrics.get("labels") or ()]
    test: Json = run.metrics.get("test") or {}
    families = list(dict.fromkeys(key.partition(".")[0] for key in test if _of_class(key, labels)))
    if not families:
        return None
    counted = [
        family for family in families if not any("ci95" in test.get(f"{family}.{x}", {}) for x in labels)
    ]
    counted = [family for family in counted if _whole(test, family, labels)]
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
        line += [Cell(count(_value(test, f"{family}.{label}")), numeric=True) for family in counted]
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


def _compared(columns: Mapping[str, Json], found: Json) -> Table | None:
    """Metrics in lines, scored things in columns, the primary metric first."""
    labels = [str(label) for label in found.get("labels") or ()]
    primary = found.get("primary")
    names = dict.fromkeys(key for column in columns.values() for key in column)
    plain = [
        key
        for key in names
        if not _of_class(key, labels)
        and any(Score.of(each.get(key)).value is not None for each in columns.values())
    ]
    plain.sort(key=lambda key: key != primary)
    if not plain:
        return None
    lines = tuple(
        (
            Cell(called(key), small=better(key, found)),
            *(figure(Score.of(column.get(key))) for column in columns.values()),
        )
        for key in plain
    )
    head = (heading("Measure"), *(heading(shorten(name, 40), numeric=True, name=True) for name in columns))
    return Table(head, lines, "", frozenset({0} if plain[0] == primary else ()))


def _of_class(key: str, labels: Sequence[str]) -> bool:
    """Whether a key is `family.label`; a label may hold dots itself."""
    return key.partition(".")[2] in labels


def _value(test: Json, key: str) -> float | None:
    return Score.of(test.get(key)).value


def _whole(test: Json, family: str, labels: Sequence[str]) -> bool:
    """Whether a family counts something: whole numbers, and not all of them 0 or 1."""
    values = [value for label in labels if (value := _value(test, f"{family}.{label}")) is not None]
    return all(value == round(value) for value in values) and any(value > 1 for value in values)


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
    return "Rows" if family == "support" else capital(title(family))
