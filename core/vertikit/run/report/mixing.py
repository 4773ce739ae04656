"""What it confuses: the matrix, and the mistakes it was surest of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertikit.run.report.page import Block, Cell, Glossary, Matrix, Section, Table, Words, heading
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import count, finite, plain, share, shorten

_MOST_CLASSES = 60
_PAIRS = 5
_MISTAKES = 12
_TEXT = 600


def confusion(run: RunFiles) -> Section | None:
    """Truth by prediction, coloured by share of the line, and the pairs most often mixed up."""
    labels = [str(label) for label in run.metrics.get("labels") or ()]
    counts = run.metrics.get("confusion")
    if not labels or not counts or len(counts) != len(labels) or any(len(x) != len(labels) for x in counts):
        return None
    whole = tuple(tuple(int(finite(each) or 0) for each in line) for line in counts)
    blocks: list[Block] = []
    if len(labels) <= _MOST_CLASSES:
        blocks.append(_matrix(labels, whole))
    else:
        blocks.append(Words(f"{len(labels)} classes are too many for a matrix that can be read.", "soft"))
    pairs = sorted(
        (
            (amount, t, p)
            for t, line in enumerate(whole)
            for p, amount in enumerate(line)
            if t != p and amount
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    if pairs and len(labels) > 2:
        head = (
            heading("Truth"),
            heading("Taken for"),
            heading("Rows", numeric=True),
            heading("Of its rows", numeric=True),
        )
        lines = tuple(
            (
                Cell(shorten(labels[t], 60), name=True, full=labels[t]),
                Cell(shorten(labels[p], 60), name=True, full=labels[p]),
                Cell(count(amount), numeric=True),
                Cell(share(amount, sum(whole[t])), numeric=True),
            )
            for amount, t, p in pairs[: _PAIRS if len(labels) <= _MOST_CLASSES else 25]
        )
        blocks.append(Table(head, lines, "The pairs that are mixed up most often."))
    return Section("confusion", "What it takes for what", blocks, "Confusions")


def _matrix(labels: Sequence[str], counts: tuple[tuple[int, ...], ...]) -> Matrix:
    named = len(labels) <= 6 and max(len(plain(label)) for label in labels) <= 14
    names = tuple(
        Cell(shorten(label, 24), small="" if named else str(position), full=label)
        for position, label in enumerate(labels, 1)
    )
    heads = tuple(
        Cell(plain(label) if named else str(position), full=label) for position, label in enumerate(labels, 1)
    )
    totals = [sum(line) for line in counts]
    shares = tuple(
        tuple(amount / total if total else 0.0 for amount in line)
        for line, total in zip(counts, totals, strict=True)
    )
    right = sum(counts[position][position] for position in range(len(labels)))
    caption = (
        "Each line is a true class and shows what its test rows were taken for; the stronger the colour, the "
        "larger the share of the line. Right answers lie on the framed diagonal. Look for strong colour off it."
    )
    if not named:
        caption += " The numbers above the columns are those before the names."
    alt = (
        f"Confusion matrix of {len(labels)} classes: {right:,} of {sum(totals):,} test rows on the diagonal."
    )
    return Matrix(names, heads, counts, shares, caption, alt)


def mistakes(run: RunFiles, texts: Mapping[int, str] | None) -> Section | None:
    """The wrong answers it was surest of, by row number; the rows' text only where it is given."""
    if run.wrong is None:
        return None
    if run.wrong.empty:
        return Section(
            "mistakes", "Its surest mistakes", [Words("It made none on the test rows.")], "Mistakes"
        )
    decided = bool(run.wrong["decision"].notna().any())
    several_files = run.wrong["source"].nunique() > 1
    lines = []
    for each in run.wrong.head(_MISTAKES).to_dict("records"):
        line = [
            Cell(str(each["row"]), small=plain(each["source"]) if several_files else "", numeric=True),
            Cell(shorten(each["truth"], 60), name=True, full=str(each["truth"])),
            Cell(shorten(each["prediction"], 60), name=True, full=str(each["prediction"])),
            Cell(share(each["confidence"]), numeric=True),
            Cell(share(each["truth_probability"]), numeric=True),
        ]
        if decided:
            line.append(
                Cell(shorten(each["decision"] or "", 100), name=True, full=str(each["decision"] or ""))
            )
        lines.append(tuple(line))
    head = [
        heading("Row", numeric=True),
        heading("Truth"),
        heading("Prediction"),
        heading("How sure", numeric=True),
        heading("Of the truth", numeric=True),
    ]
    head += [heading("Decision")] if decided else []
    caption = (
        "Rows of the data file, counted from 1, that it got wrong and was surest of. Look them up first: some "
        "are mistakes in the data, the rest show what it does not understand."
    )
    blocks: list[Block] = [Table(tuple(head), tuple(lines), caption)]
    if texts is not None:
        shown = [int(row) for row in run.wrong["row"].head(_MISTAKES)]
        entries = tuple((f"Row {row}", shorten(texts[row], _TEXT)) for row in shown if row in texts)
        blocks.append(Glossary("Their texts", entries, folded=False))
        warning = (
            "This report holds texts of the data, because it was asked to. Treat it as you treat the data."
        )
        blocks.insert(0, Words(warning, "alarm"))
    return Section("mistakes", "Its surest mistakes", blocks, "Mistakes")
