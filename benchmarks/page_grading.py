"""The section on grading of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.grading import CASES
from benchmarks.results import load
from benchmarks.wording import conditions, not_taken

Entry = dict[str, Any]
PARTS = {
    "test": "unseen questions",
    "unseen_questions": "unseen questions",
    "unseen_answers": "unseen answers",
}
SIDES = {
    "model": "**Vertikit, default**",
    "model without its blend": "its model without the blend",
    "overlap-ridge": "overlap + ridge",
    "character-ridge": "character n-grams + ridge",
    "tfidf-ridge": "TF-IDF + ridge",
    "cosine": "encoder cosine",
    "majority": "most frequent grade",
    "mean": "mean grade",
    "second": "second grader",
}


def grading_section() -> str:
    """The tables, or nothing where none was taken."""
    entries = load("grading")
    if not entries:
        return ""
    lines = [
        "## education/grading",
        "All sides of a table were trained on the same rows and judged on the same answers; intervals are by "
        "question, and there is none for fewer than ten. **Encoder cosine** is the cosine of answer and "
        "reference, and of answer and question, by the same encoder into the same head. **Second grader** is "
        "a second teacher's grade against the first's. **sprag_short_answers** (0 to 5 points, two graders) "
        "is split by question, with new answers to known questions beside it: quadratic weighted kappa "
        "decides. **saf_short_answer_feedback** (scores from 0 to 1, taken as continuous) has its own parts, "
        "and the root mean squared error decides; in English, answers that say «No submission» are 0 and "
        "flatter every grader, so the set is also taken without them. German is read by the default encoder, "
        "which was trained on English, and the kit warns of that. **These figures are not blind**: how inputs "
        "are combined by default was settled with those of sprag in view, and that the blend of numbers is a "
        "weighted mean with those of saf.",
    ]
    for name in dict.fromkeys(key.rpartition("/")[0] for key in entries):
        default = entries.get(f"{name}/default")
        if default is not None:
            lines += ["", *_table(name, default, entries.get(f"{name}/encoder cosine"))]
    lines += ["", *_probes(entries)]
    expected = [f"{name}/{side}" for name in CASES for side in ("default", "encoder cosine")]
    if missing := not_taken(expected, entries):
        lines += ["", missing]
    return "\n".join([*lines, "", conditions(entries)])


def _table(name: str, entry: Entry, cosine: Entry | None) -> list[str]:
    numbers = "mean" in next(iter(entry["sides"].values()))
    columns = ("rmse", "pearson", "concordance") if numbers else ("qwk", "rmse", "pearson")
    counts = ", ".join(f"{part} {count:,}" for part, count in entry["rows"].items() if isinstance(count, int))
    lines = [
        f"**{name}** ({counts})",
        "",
        "| judged on | side | "
        + " | ".join(each.upper() if len(each) < 5 else each for each in columns)
        + " |",
        "| --- | --- |" + " --- |" * len(columns),
    ]
    for part, sides in sorted(entry["sides"].items(), key=lambda each: PARTS[each[0]], reverse=True):
        beside = dict(sides)
        if cosine is not None:
            beside["cosine"] = cosine["sides"][part]["model"]
        if entry.get("second") and part in ("test", "unseen_questions"):
            beside["second"] = entry["second"]
        for side, words in SIDES.items():
            if side in beside:
                cells = " | ".join(_figure(beside[side].get(metric)) for metric in columns)
                lines.append(f"| {PARTS[part]} | {words} | {cells} |")
    return lines


def _probes(entries: dict[str, Entry]) -> list[str]:
    """Shares of altered answers that get at least half of the points."""
    told = {
        key: each["probes"] for key, each in entries.items() if key.endswith("/default") and each["probes"]
    }
    if not told:
        return []
    names = list(next(iter(told.values())))
    lines = [
        "Answers made to fool the default recipe that get at least half of the points:",
        "",
        "| set | " + " | ".join(names) + " |",
        "| --- |" + " --- |" * len(names),
    ]
    for key, shares in told.items():
        cells = " | ".join("–" if shares[name] is None else f"{shares[name]:.0%}" for name in names)
        lines.append(f"| {key.rpartition('/')[0]} | {cells} |")
    return lines


def _figure(found: Entry | None) -> str:
    if not found or found.get("value") is None:
        return "–"
    ends = found.get("ci95")
    return f"{found['value']:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")
