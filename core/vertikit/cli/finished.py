"""What is said of a run that has just been made: how good it is, where it lies, what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from vertikit.cli.cache import readable
from vertikit.cli.printing import commands, entries, paragraph

if TYPE_CHECKING:
    from vertikit.run.run import Run


def print_finished(run: Run) -> None:
    """The verdict, the primary metric beside the baselines, the files, and the next commands."""
    metrics = run.metrics
    paragraph(str(metrics.get("verdict", "")), "")
    click.echo()
    entries(list(scores(metrics)))
    begun = metrics.get("start") or {}
    if (said := begun.get("told") or begun.get("why")) and said not in metrics.get("warnings", []):
        paragraph(str(said))
    for line in _smaller(metrics.get("compression") or {}):
        paragraph(line)
    if bars := metrics.get("bars"):
        click.echo()
        entries([(_mark(bar), str(bar["bar"]) + _found(bar)) for bar in bars])
    for warning in metrics.get("warnings", []):
        paragraph(f"! {warning}")
    click.echo()
    entries([("run", str(run.folder)), ("report", str(run.folder / "report.html"))])
    click.echo("\nNext:")
    path = str(run.folder)
    folder = shlex.quote(f"./{path}" if path.startswith("-") else path)
    commands(
        [
            f"vertikit predict {folder} NEW_ROWS --output answers.csv",
            f"vertikit evaluate {folder} --data OTHER_ROWS",
        ]
    )


def scores(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The primary metric on the test rows, of the model, the baselines, and further tests; and on training rows."""
    name = str(metrics.get("primary", ""))
    rows = [(f"{name}, test", interval(metrics.get("test", {}).get(name)))]
    if "alone" in metrics:
        rows.append(("  model alone", interval(metrics["alone"].get(name))))
    if "train" in metrics:
        words = "model alone, training rows" if "alone" in metrics else "training rows"
        rows.append((f"  {words}", interval(metrics["train"].get(name))))
    compared = metrics.get("experts", {})
    for key, words in (("alone", "experts alone"), ("without", "model without experts")):
        if key in compared:
            rows.append((f"  {words}", interval(compared[key].get(name))))
    taught = metrics.get("teacher", {})
    for key, words in (("teacher", "teacher"), ("alone", "same student, no teacher")):
        if key in taught:
            rows.append((f"  {words}", interval(taught[key].get(name))))
    begun = metrics.get("start", {})
    if "without" in begun:
        rows.append(("  same, from the plain encoder", interval(begun["without"].get(name))))
        rows.append(("  what the start is worth", interval(begun.get("difference"))))
    ways = metrics.get("few_shot_mode", {})
    if taken := next((each for each in ways.get("tried", ()) if each.get("chosen")), None):
        rows.append((f"  out of fold, {taken['name']}", interval(taken["score"])))
        if ways.get("expected") is not None:
            rows.append(("  corrected for the choice", f"{ways['expected']:.3f}"))
    if smaller := metrics.get("compression"):
        rows.append(("  the run it was made of", interval(smaller["before"]["test"].get(name))))
        rows.append(("  difference", interval(smaller.get("difference"))))
    if second := metrics.get("second"):
        rows.append(
            (f"  {second['column']}, on {second['rows']:,} rows", interval(second["second"].get(name)))
        )
        rows.append(("  the model there", interval(second["model"].get(name))))
    for baseline, values in metrics.get("baselines", {}).items():
        rows.append((f"  {baseline}", interval(values.get(name))))
    if shortcut := metrics.get("shortcut"):
        rows.append((f"  {shortcut['baseline']} (shortcut check)", interval(shortcut["test"].get(name))))
    for test, values in metrics.get("tests", {}).items():
        rows.append((f"{name}, {test}", interval(values.get(name))))
    return rows


def _smaller(compression: Mapping[str, Any]) -> list[str]:
    """What it takes to run it, beside the run that it was made of."""
    before, after = compression.get("before") or {}, compression.get("after") or {}
    if "bytes" not in before or "bytes" not in after:
        return [f"Not measured: {why}." for why in (compression.get("unmeasured") or {}).values()]
    sides = [
        f"{readable(side['bytes'])} of weights, {readable(side['memory'])} of memory, {side['p50']:.2f} ms a row, "
        f"{side['rows_per_second']:,.0f} rows a second."
        for side in (before, after)
    ]
    return [f"Before: {sides[0]}", f"After: {sides[1]}", " ".join(compression.get("told") or ())]


def _mark(bar: Mapping[str, Any]) -> str:
    passed = bar.get("passed")
    return "not judged" if passed is None else "passed" if passed else "FAILED"


def _found(bar: Mapping[str, Any]) -> str:
    if bar.get("value") is None:
        return f": {bar.get('why', '')}"
    where = f" ({bar['where']})" if bar.get("where") else ""
    return f": {bar['value']:.2f}{where}"


def interval(measured: Any) -> str:
    """`0.712 (0.661 to 0.758)` from `{"value": …, "ci95": […]}`; a dash where it is not known."""
    if not isinstance(measured, Mapping) or not isinstance(measured.get("value"), (int, float)):
        return "–"
    text = f"{measured['value']:.3f}"
    ends = measured.get("ci95")
    if isinstance(ends, (list, tuple)) and len(ends) == 2 and None not in ends:
        text += f" ({ends[0]:.3f} to {ends[1]:.3f})"
    return text
