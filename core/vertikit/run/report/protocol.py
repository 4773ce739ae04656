"""How the run was judged, and what became of every row."""

from __future__ import annotations

from vertikit.run.report.page import Block, Cell, Section, Table, Words, heading
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import count, finite, several, share, shorten

_PARTS = {
    "train": ("Training", "the model learnt from these"),
    "valid": ("Validation", "chose when to stop, set the probabilities and the threshold"),
    "test": ("Test", "held out; every figure of this report, unless it says otherwise, is from these"),
}
_REFIT = {
    "train": ("Training", "the model learnt from these"),
    "valid": ("Validation", "joined to training at the end, because labelled rows were few"),
}
_FURTHER = "a further test, which has a section of its own"
_NO_PARTS = ("read", "quarantined", "removed")
_MOST_REASONS = 12


def protocol(run: RunFiles) -> Section | None:
    """The split in words, and a line per part."""
    metrics = run.metrics
    split, rows = metrics.get("split") or {}, metrics.get("rows") or {}
    blocks: list[Block] = []
    if run.evaluated:
        known = (metrics.get("leaks") or {}).get("learnt") and (metrics.get("leaks") or {}).get("kept")
        learnt = (
            "it has learnt from some of them" if known else "nothing was learnt from them or chosen by them"
        )
        blocks.append(Words(f"These rows were given to the finished run; {learnt}."))
    elif run.task is not None:
        blocks.append(Words(run.task.protocol.why))
    if split.get("name"):
        why = str(split.get("why") or "").rstrip(".")
        blocks.append(Words(f"How the rows were divided: {split['name']}" + (f" ({why})." if why else ".")))
    table = _parts(split, rows, metrics.get("tests") or {})
    if table is not None:
        blocks.append(table)
    outside = rows.get("outside")
    for why, amount in (outside if isinstance(outside, dict) else {}).items():
        blocks.append(Words(f"Left out: {count(amount)} rows {why}.", "soft"))
    groups = finite(split.get("groups"))
    if groups is not None:
        column = run.task.group if run.task is not None else None
        which = f" (by the column {column.name})" if column is not None else ""
        blocks.append(Words(f"The rows belong to {count(groups)} groups{which}.", "soft"))
    return Section("protocol", "How it was judged", blocks, "Protocol") if blocks else None


def _parts(split: Json, rows: Json, tests: Json) -> Table | None:
    names = _PARTS | (_REFIT if split.get("refit") else {})
    for part in rows:
        if part not in names and part not in _NO_PARTS:
            names |= {part: (part, _FURTHER if part in tests else _PARTS["test"][1])}
    counts = {part: finite(rows.get(part)) for part in names}
    known = {part: amount for part, amount in counts.items() if amount is not None}
    if len(known) < 2:
        return None
    whole = sum(known.values()) or 1.0
    groups = split.get("groups")
    by_part = groups if isinstance(groups, dict) else {}
    lines = []
    for part, amount in known.items():
        name, use = names[part]
        line = [Cell(shorten(name, 40), small=use, name=name == part), Cell(count(amount), numeric=True)]
        if by_part:
            line.append(Cell(count(by_part.get(part)), numeric=True))
        lines.append((*line, Cell(share(amount, whole), numeric=True), Cell(width=amount / whole)))
    head = [heading("Part"), heading("Rows", numeric=True)]
    if by_part:
        head.append(heading("Groups", numeric=True))
    return Table((*head, heading("Share", numeric=True), heading("")), tuple(lines))


def data(run: RunFiles) -> Section | None:
    """Rows read, quarantined, removed, and what would have leaked."""
    rows, leaks = run.metrics.get("rows") or {}, run.metrics.get("leaks") or {}
    whole = rows.get("read")
    lines: list[tuple[Cell, ...]] = []

    def add(text: str, amount: object, small: str = "", level: int = 0, *, name: bool = False) -> None:
        lines.append(
            (
                Cell(shorten(text, 90), small=small, level=level, name=name, full=text),
                Cell(count(amount), numeric=True),
                Cell(share(amount, whole) if finite(whole) else "", numeric=True),
            )
        )

    if "read" in rows:
        add("Rows read", whole)
    if "quarantined" in rows:
        add("Quarantined", rows["quarantined"], "unusable; each is listed in quarantine.csv")
        for reason, amount in run.reasons[:_MOST_REASONS]:
            add(reason, amount, level=1, name=True)
        if rest := run.reasons[_MOST_REASONS:]:
            add(f"{len(rest)} further reasons", sum(amount for _, amount in rest), level=1)
    kept = bool(leaks.get("kept"))
    if "removed" in rows:
        add("Removed from training and validation", rows["removed"], "each would have flattered the figures")
    level = 1 if "removed" in rows and not kept else 0
    for key, text in (
        ("across", "repeat a row of another part"),
        ("inside", "are further copies of a training row"),
        ("group_rows", "belong to a group that is also in another part"),
        ("learnt", "the run has learnt from, or from others of their group"),
    ):
        if key in leaks and (leaks[key] or key != "group_rows"):
            small = (
                several(int(finite(leaks.get("groups_across")) or 0), "such group")
                if key == "group_rows"
                else ""
            )
            add(text if level else f"Rows that {text}", leaks[key], small, level)
    if "conflicting" in leaks:
        texts = finite(leaks.get("conflicting_texts"))
        small = several(int(texts), "such text") if texts else ""
        if texts and not kept:
            small += "; all their copies are in quarantine"
        add("Same text, different labels", leaks["conflicting"], small)
    if "near" in leaks:
        add("Training rows nearly like one of another part", leaks["near"], "counted, not removed")
    if not lines:
        return None
    head = (heading("What became of the rows"), heading("Rows", numeric=True), heading("Share", numeric=True))
    blocks: list[Block] = [Table(head, tuple(lines))]
    if kept:
        text = "The leaks counted here were kept in the data at your wish (--allow-leaks)."
        blocks.insert(0, Words(text, "alarm"))
    blocks += [Words(_sentence(note), "soft") for note in run.metrics.get("notes") or []]
    return Section("data", "Data and leaks" if leaks else "Data", blocks, "Data")


def _sentence(note: object) -> str:
    text = shorten(note, 400)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "…")) else ".")
