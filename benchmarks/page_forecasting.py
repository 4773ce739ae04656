"""The section on forecasts of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.forecasting import ANOMALY, DEMAND, PUBLISHED, SHOWN
from benchmarks.results import load
from benchmarks.wording import conditions, not_taken

Entry = dict[str, Any]
CASES = (
    "nyc_taxi/demand", "bike_sharing/demand", "nyc_taxi/anomaly", "etth1/96/dlinear", "etth1/96/patchtst",
    "etth1/720/dlinear", "exchange_rate/96/dlinear",
)  # fmt: skip
WORDS = {
    "mase": "MASE",
    "wql": "WQL",
    "interval_coverage": "coverage (0.8)",
    "standardised_mse": "MSE",
    "standardised_mae": "MAE",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "f1": "F1",
    "false_alarm_rate": "false alarms",
    "missed_alarm_rate": "missed",
}


def forecasting_section() -> str:
    """The tables, or nothing where none was taken."""
    entries = load("forecasting")
    if not entries:
        return ""
    lines = [
        "## Forecasts",
        "By `examples/vertikit-city`. The test lies after all that was learnt, and what crosses a cut is left out; "
        "intervals are by blocks of time as long as the horizon. MASE divides by repeating the season (a day) in "
        "training; MSE and MAE are of series standardised by their training readings.",
    ]
    for key in ("nyc_taxi/demand", "bike_sharing/demand"):
        if key in entries:
            lines += ["", *_table(key, entries[key], DEMAND)]
    if "nyc_taxi/anomaly" in entries:
        lines += [
            "",
            "**Unusual days** learnt from usual ones alone; a day counts as unusual where one of the five labelled "
            "windows, of four days each, touches it, though the event itself took a day or two. No point adjustment.",
            "",
            *_table("nyc_taxi/anomaly", entries["nyc_taxi/anomaly"], ANOMALY),
        ]
    lines += ["", *_published(entries)]
    if missing := not_taken(CASES, entries):
        lines += ["", missing]
    return "\n".join([*lines, "", conditions(entries)])


def _table(name: str, entry: Entry, task: str) -> list[str]:
    counts = ", ".join(f"{part} {count:,}" for part, count in entry["rows"].items())
    names = SHOWN[task]
    lines = [
        f"**{name}** ({counts}; {entry['seconds']:.0f} s)",
        "",
        "| side | " + " | ".join(WORDS[each] for each in names) + " |",
        "| --- |" + " --- |" * len(names),
    ]
    for side, found in entry["sides"].items():
        shown = "**Vertikit**" if side == "vertikit" else side
        lines.append(f"| {shown} | " + " | ".join(_figure(found[each]) for each in names) + " |")
    return lines


def _published(entries: dict[str, Entry]) -> list[str]:
    lines = [
        "Long horizons, one model for all series of a set, context 336 (exchange rates: 96), all origins. *Published* "
        "rows are quoted from secondary tables and were not run here. Where a figure here is below all of them: "
        "windows are put at their last reading (as in NLinear, so `dlinear` here is not the published DLinear), scales "
        "are of "
        "training rows alone, no reading after an origin is read (tests change these, and answers stay), and "
        "repeat-last, which learns nothing, comes out within 0.3 % of the published figures.",
        "",
        "| set and horizon | side | MSE | MAE |",
        "| --- | --- | --- | --- |",
    ]
    for case, known in PUBLISHED.items():
        own = {key: each for key, each in entries.items() if key.startswith(f"{case}/")}
        for key, each in own.items():
            found = each["sides"]["vertikit"]
            name = key.rpartition("/")[2]
            lines.append(
                f"| {case} | **Vertikit, {name}** | {_figure(found['standardised_mse'])} "
                f"| {_figure(found['standardised_mae'])} |"
            )
        for each in list(own.values())[:1]:
            found = each["sides"]["repeat-last"]
            lines.append(
                f"| {case} | repeat-last, here | {_figure(found['standardised_mse'])} "
                f"| {_figure(found['standardised_mae'])} |"
            )
        lines += [
            f"| {case} | {side}, published | {mse:.3f} | {mae:.3f} |" for side, (mse, mae) in known.items()
        ]
    return lines


def _figure(found: Entry | None) -> str:
    if not found or found.get("value") is None:
        return "–"
    ends = found.get("ci95")
    return f"{found['value']:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")
