"""The section on smaller runs of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.compress import SIDES, TASK, WHOLE
from benchmarks.results import load
from benchmarks.wording import conditions, verdict

SMALLER, FASTER, POINTS = 4.0, 3.0, 1.0


def compress_section() -> str:
    """A line a method, or nothing where none was taken."""
    entries = load("compress")
    if not entries:
        return ""
    heads = "| set, method | MB | times smaller | one row, ms | times faster | rows a second | memory, MB | score "
    heads += "| points less | seconds to make |"
    lines = [
        "## Made smaller: `vertikit compress`",
        "A run, and its smaller forms as the command writes them, each measured in a process of its own on one "
        "thread: bytes of weights, memory beside that of the libraries, milliseconds of one row from text (or "
        "values) to answer, rows a second. Factors are against the same run in the same runtime (`onnx`: float32 "
        "by onnxruntime), whose line is first; the run in torch stands in brackets. Quality is on test rows; the "
        "difference to the run is paired, in points. `trim` keeps the pieces of words that training has seen, "
        "`layers` half of the layers, `prune` half of heads and units, `lowrank` half of every matrix; what is "
        "left after these is trained again. Target, for texts: at least 4 times smaller and 3 times faster within "
        "1.0 point. A line in bold is on the Pareto front of its set: no other is as quick and better.",
        "",
        heads,
        "| --- " * 10 + "|",
    ]
    for name, side in SIDES.items():
        own = {
            method: entries[f"{name}, {method}"]
            for method in (WHOLE, *side.methods)
            if f"{name}, {method}" in entries
        }
        if WHOLE in own:
            lines += _lines(name, own, target=side.task == TASK)
    return "\n".join([*lines, "", conditions(entries)])


def _lines(name: str, own: dict[str, Any], *, target: bool) -> list[str]:
    whole = own[WHOLE]
    front = _front(own)
    found = []
    for method, each in own.items():
        after = each["after"]
        smaller = whole["after"]["bytes"] / after["bytes"]
        faster = whole["after"]["p50"] / after["p50"]
        points = -100 * each["difference"]["value"]
        met = ""
        if target and method != WHOLE:
            met = " " + verdict(smaller >= SMALLER and faster >= FASTER and points <= POINTS)
        label = f"{name}, {method}{met}"
        torch = f" ({each['before']['p50']:.2f})" if method == WHOLE else ""
        named = f"**{label}**" if method in front else label
        found.append(
            f"| {named} | {after['bytes'] / 1e6:.1f} | {smaller:.1f} | {after['p50']:.2f}{torch} | {faster:.1f} "
            f"| {after['rows_per_second']:,.0f} | {after['memory'] / 1e6:.0f} | {_score(each['score'])} "
            f"| {_less(each['difference'])} | {each['seconds']} |"
        )
    return found


def _front(own: dict[str, Any]) -> set[str]:
    from vertikit.run.report.pareto import ALIKE, frontier

    names = list(own)
    costs = [own[name]["after"]["p50"] for name in names]
    values = [own[name]["score"]["value"] for name in names]
    return {names[at] for at in frontier(costs, values, True, ALIKE)}


def _score(measured: dict[str, Any]) -> str:
    ends = measured.get("ci95")
    return f"{measured['value']:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def _less(difference: dict[str, Any]) -> str:
    ends = difference.get("ci95")
    told = _points(difference["value"])
    return told + (f" ({_points(ends[1])} to {_points(ends[0])})" if ends else "")


def _points(value: float) -> str:
    """How much less, in points; a rounded nothing has no sign."""
    return f"{round(-100 * value, 1) + 0.0:.1f}"
