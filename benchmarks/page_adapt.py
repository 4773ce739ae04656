"""The sections on strategies, pretraining and distillation of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, figure, verdict


def strategies_section() -> str:
    """A line a strategy, or nothing where none was taken."""
    entries = load("strategies")
    if not entries:
        return ""
    one = next(iter(entries.values()))
    lines = [
        "## Strategies on one set",
        f"symptom2disease, {one['rows']} rows that train (a part chooses the epoch), {one['test']} that judge. MiniLM "
        "under the default recipe of each strategy, without the blend. Trained parameters are those of encoder and "
        "head; bytes are those of the run's model/ without the encoder that everybody has. One split and one seed: "
        "intervals that overlap are ties.",
        "",
        "| strategy | macro-F1 | trained | share | epochs | seconds | bytes |",
        "| --- " * 7 + "|",
    ]
    for name, each in sorted(entries.items(), key=lambda entry: entry[1]["trained"]):
        lines.append(
            f"| {name} | {figure(each)} | {each['trained']:,} | {each['share']:.2%} | {each['epochs']} "
            f"| {each['seconds']} | {each['bytes']:,} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def pretraining_section() -> str:
    """A line a set and budget, or nothing where none was taken."""
    entries = load("pretraining")
    if not entries:
        return ""
    lines = [
        "## Pretraining without labels, with and without",
        "MiniLM frozen under a new head (probe, no blend), few rows labelled; **with**: one epoch of SimCSE before, on "
        "the texts of these rows and of others whose labels nobody sees. General ability is the rank correlation "
        "of the likeness of all pairs of general texts (facts of openbookqa, tutors' turns of cima; 600 each) "
        "before and after: 1 where nothing has changed.",
        "",
        "| set, labelled rows | further texts | macro-F1 without | with | TF-IDF | openbookqa kept | cima kept "
        "| seconds without | with |",
        "| --- " * 9 + "|",
    ]
    for name, each in entries.items():
        lines.append(
            f"| {name} | {each['unlabelled']:,} | {figure(each['without'])} | {figure(each['with'])} "
            f"| {each['tfidf-logistic']:.3f} | {each['general']['openbookqa']} | {each['general']['cima']} "
            f"| {each['without']['seconds']} | {each['with']['seconds']} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def distil_section() -> str:
    """A line a student, or nothing where none was taken."""
    entries = load("distil")
    if not entries:
        return ""
    lines = [
        "## Distillation: a student beside itself without a teacher",
        "The teacher is a run of the default recipe (MiniLM frozen, blended with TF-IDF); `vertikit distill` trains "
        "the student on the same rows and, where few are labelled, on the other training texts without labels. "
        "Parameters are those of the networks. Target: at least half of the gap between the student alone and the "
        "teacher is closed. The weight of the teacher and the rates of `ngrams` were settled on another split of "
        "symptom2disease.",
        "",
        "| set, student | labelled + unlabelled rows | parameters (teacher) | teacher | student | alone | gap closed |",
        "| --- " * 7 + "|",
    ]
    for name, each in entries.items():
        closed = each["closed"]
        told = "no gap" if closed is None else f"{closed:.0%} {verdict(closed >= 0.5)}"
        size = each["parameters"]
        lines.append(
            f"| {name} | {each['rows']:,} + {each['unlabelled']:,} | {size['student']:,} ({size['teacher']:,}) "
            f"| {_score(each['teacher'])} | {_score(each['student'])} | {_score(each['alone'])} | {told} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def _score(measured: dict[str, Any]) -> str:
    low, high = measured["ci95"]
    return f"{measured['value']:.3f} ({low:.3f} to {high:.3f})"
