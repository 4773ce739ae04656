"""The sections on wrong labels and on transfer between runs of docs/benchmarks.md."""

from __future__ import annotations

from benchmarks.results import load
from benchmarks.wording import Entry, conditions

WORDS = {"negative": "**worse, beyond luck**", "helps": "**better, beyond luck**", "lower": "lower, may be luck",
         "higher": "higher, may be luck", "same": "the same", "unknown": "cannot be told"}  # fmt: skip


def noise_section() -> str:
    """A line a set and draw, or nothing where none was taken."""
    entries = load("noise")
    if not entries:
        return ""
    lines = [
        "## Wrong labels found by `check --noise`",
        "Five in a hundred labels were changed at random to another class, in three draws; the scan does not know "
        "which. **Precision**: of the rows that it lists, those that were changed (a list at random would have 5 %); "
        "**recall**: of the changed rows, those that it lists. Rows that were wrong before count as mistakes of the "
        "list. Estimated: the share of wrong labels that the confident joint gives for training and validation rows.",
        "",
        "| set, draw | rows | classes | judged by | changed | listed | precision | recall | estimated | seconds |",
        "| --- " * 10 + "|",
    ]
    for name, each in entries.items():
        lines.append(
            f"| {name} | {each['rows']:,} | {each['classes']} | {each['judge']} | {each['changed']:,} "
            f"| {each['listed']:,} | {each['precision']:.0%} | {each['recall']:.0%} | {each['estimated_percent']} % "
            f"| {each['seconds']} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def transfer_section() -> str:
    """A line a cell, or nothing where none was taken."""
    entries = load("transfer")
    if not entries:
        return ""
    one = next(iter(entries.values()))
    lines = [
        "## Transfer between trades: runs as a start",
        "Three runs train adapters in MiniLM (`lora`, two epochs) on symptom2disease, on 400 rows of chemprot and on "
        "400 graded answers of sprag; `vertikit transfer` then trains a head on each set's frozen features, "
        f"{one['rows']} labelled rows, from the plain encoder and from the encoder of each run. The difference is "
        "paired, on the same test rows, with a 95 % interval. A run's own set is there to show the way: it has learnt "
        "from more of its rows than the head gets. One split and one seed.",
        "",
        "| started from, target | metric | rows (train, test) | plain encoder | started | difference | |",
        "| --- " * 7 + "|",
    ]
    for name, each in entries.items():
        source, _, target = name.partition(" to ")
        own = " (its own)" if source == target else ""
        told = WORDS.get(each.get("kind", ""), each.get("why", ""))
        lines.append(
            f"| {source} to {target}{own} | {each['primary']} | {each['rows']:,}, {each['tested']:,} "
            f"| {_score(each['plain'])} | {_score(each.get('score'))} | {_difference(each.get('difference'))} "
            f"| {told} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def _score(measured: Entry | None) -> str:
    return "–" if not measured or measured.get("value") is None else f"{measured['value']:.3f}"


def _difference(measured: Entry | None) -> str:
    if not measured or measured.get("value") is None:
        return "–"
    ends = measured.get("ci95")
    return f"{measured['value']:+.3f}" + (
        f" ({ends[0]:+.3f} to {ends[1]:+.3f})" if ends else " (no interval)"
    )
