"""The section on exports of docs/benchmarks.md."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions


def exporting_section() -> str:
    """A line a way, or nothing where none was taken."""
    entries = load("exporting")
    if not entries:
        return ""
    lines = [
        "## Leaving the kit: `vertikit export`",
        "The folder that the command writes: its bytes, the largest difference of a probability from the run's on rows "
        "of the set (answered by the folder's own predict.py in a process of its own), rows with another answer or "
        "decision, the metric of both on those rows (a comparison of two, and no test: the run has learnt from some), "
        "and seconds from the start of predict.py to its first answer, beside `vertikit predict` of one row; medians "
        "of five.",
        "",
        "| run | MB | graph, MB | rows | apart | otherwise | metric, run and export | first answer, s | the kit's, s |",
        "| --- " * 9 + "|",
    ]
    for name, each in entries.items():
        lines.append(
            f"| {name} | {each['bytes'] / 1e6:.1f} | {each['graph_bytes'] / 1e6:.1f} | {each['rows']} "
            f"| {each['apart']:.1e} | {each['otherwise']} | {_metric(each)} | {each['start']:.2f} "
            f"| {_seconds(each['kit'])} |"
        )
    return "\n".join([*lines, "", conditions(entries)])


def _metric(each: dict[str, Any]) -> str:
    if each["run"] is None:
        return "-"
    return f"{each['metric']} {each['run']:.4f} and {each['export']:.4f}"


def _seconds(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"
