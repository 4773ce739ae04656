"""The section on watching of docs/benchmarks.md."""

from __future__ import annotations

from benchmarks.results import load
from benchmarks.wording import conditions


def watching_section() -> str:
    """Lines of false alarms, of shifts that were put in, and of cost; nothing where none was taken."""
    entries = load("watching")
    if not entries:
        return ""
    lines = [
        "## Watching: false alarms, shifts seen, and cost",
        "Inputs of random halves of one set, one as training and one as new rows: nothing has moved, so each alarm is "
        "false. **Beyond luck**: one p below 0.05 among all comparisons, adjusted; **alarms**: with a shift that "
        "counts as well (PSI of 0.1 beyond chance, or two points of a share). Target: alarms in at most 5 % of cases. "
        "Below, shifts that were put in, beside 2,000 rows of a table or 500 texts.",
        "",
        "| set, halves | comparisons | draws | beyond luck | alarms | seconds each |",
        "| --- " * 6 + "|",
    ]
    for key, each in entries.items():
        if "beyond_luck" in each:
            lines.append(
                f"| {key} | {each['comparisons']} | {each['times']} | {each['beyond_luck']:.1%} "
                f"| **{each['alarms']:.1%}** | {each['seconds_each']} |"
            )
    shifted = {key: each for key, each in entries.items() if "alarms" in each and "beyond_luck" not in each}
    if shifted:
        lines += ["", "| set, shift, new rows | draws | alarms |", "| --- | --- | --- |"]
        lines += [f"| {key} | {each['times']} | **{each['alarms']:.0%}** |" for key, each in shifted.items()]
    for key, each in entries.items():
        if "profile_seconds" in each:
            lines += [
                "",
                f"Cost ({key.partition('/')[2]}, {each['columns']} columns): reading takes {each['read_seconds']} s, "
                f"the profile {each['profile_seconds']} s and {each['bytes'] / 1000:.0f} kB in the run.",
            ]
    return "\n".join([*lines, "", conditions(entries)])
