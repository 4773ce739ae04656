"""The section on choosing a foundation model of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions


def select_section() -> str:
    """The order of `select` beside that of whole trainings, or nothing where it was not taken."""
    entries = load("select_rank")
    if not entries:
        return ""
    lines = [
        "## Which foundation model: `select` beside trying all",
        "Candidates: MiniLM cut to its lowest 1 to 5 layers, whole, and TF-IDF with logistic regression. `select` "
        "sees a thousand training rows and the validation part; then each is trained whole (probe, no blend) and "
        "judged on the test rows. Spearman's correlation of both orders, its interval by resampling the test rows. "
        "Both start with no features kept; the trainings share none.",
        "",
        "| set | rows that train (sample) | LogME | order of `select` | with the classical model | first "
        "| lost by taking it | select, s | all trainings, s |",
        "| --- " * 9 + "|",
    ]
    for name, each in entries.items():
        lines.append(
            f"| {name} | {each['rows']:,} ({each['sample']:,}) | {_correlation(each['by_evidence'])} "
            f"| {_correlation(each['by_order'])} | {each['by_order_with_classical']} | {each['best']} "
            f"| {each['lost']} | {each['select_seconds']} | {each['train_seconds']} |"
        )
    for name, each in entries.items():
        told = "; ".join(f"{key} {value:.3f}" for key, value in each["scores"].items())
        lines += ["", f"Macro-F1 on the test rows of {name}: {told}."]
    return "\n".join([*lines, "", conditions(entries)])


def _correlation(found: dict[str, Any]) -> str:
    return f"{found['value']:.2f} ({found['ci95'][0]:.2f} to {found['ci95'][1]:.2f})"
