"""`vertikit plugins check NAME`: whether a plugin keeps to the contracts, check by check."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from vertikit.cli.printing import entries, print_json
from vertikit.registry import registry

if TYPE_CHECKING:
    from vertikit.testing import Result
    from vertikit.testing.check import State

MARKS: Mapping[State, str] = {
    "passed": "passed",
    "failed": "FAILED",
    "not applicable": "-",
    "waived": "waived",
}


@click.command("check")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option(
    "--all", "every", is_flag=True, help="List what passes, and what does not apply, check by check."
)
def check_plugin(name: str, as_json: bool, every: bool) -> None:
    """Hold the plugin NAME to the contracts of what it registers. Fails where a check fails."""
    known = registry()
    from vertikit.testing import plugin_under_test

    under_test = plugin_under_test(name, known)
    results = []
    for result in under_test.results():
        results.append(result)
        if result.state == "failed" and sys.stderr.isatty():
            click.echo(f"{result.component}: {result.check.name} failed", err=True)
    if as_json:
        print_json([_as_json(result) for result in results])
    else:
        _print(results, every)
    if any(result.state == "failed" for result in results):
        raise click.exceptions.Exit(1)


def _print(results: Sequence[Result], every: bool) -> None:
    """A line a component, and under it what failed, is waived, or (with `every`) all."""
    for component in dict.fromkeys(result.component for result in results):
        own = [result for result in results if result.component == component]
        counts = Counter(result.state for result in own)
        told = ", ".join(f"{counts[state]} {state}" for state in MARKS if counts[state])
        bad = counts["failed"] > 0
        click.echo(click.style(component, bold=True, fg="red" if bad else None) + f"  {told}")
        reasons = {result.why for result in own}
        if counts["not applicable"] == len(own) and len(reasons) == 1:
            entries([("-", reasons.pop())])
            continue
        shown = [each for each in own if every or each.state in ("failed", "waived")]
        entries([(each.check.name, _told(each)) for each in shown])
    counts = Counter(result.state for result in results)
    click.echo(", ".join(f"{counts[state]} {state}" for state in MARKS))


def _told(result: Result) -> str:
    mark = MARKS[result.state]
    if result.state == "failed":
        return f"{mark}  {result.check.title}. But: {result.why}"
    return f"{mark}  {result.why or result.check.title}"


def _as_json(result: Result) -> dict[str, str]:
    return {
        "component": result.component,
        "check": result.check.name,
        "title": result.check.title,
        "result": result.state,
        "why": result.why,
    }
