"""The section on quality: a table a set, and the few-shot settings over their seeds."""

from __future__ import annotations

import re
import statistics
from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, figure

FEW = re.compile(r"(.+), (\d+) rows a class, seed (\d+)/(.+)")
Entry = dict[str, Any]
FEW_SHOT = "vertikit --few-shot"
SIDES = (
    "TF-IDF + logistic",
    "sentence-transformers + logistic",
    "vertikit (default)",
    FEW_SHOT,
    "vertikit probe, blend=null",
    "vertikit lora, blend=null",
    "SetFit",
)
SETTINGS = (
    "symptom2disease",
    *(f"symptom2disease, {count} rows a class, seed {seed}" for count in (4, 8, 16) for seed in (0, 1, 2)),
    *("medical_abstracts", "nicta_piboso", "chemprot"),
    *(f"chemprot, {count} rows a class, seed {seed}" for count in (8, 16) for seed in (0, 1, 2)),
)


def quality_section() -> str:
    """Empty where nothing has been taken."""
    entries = load("quality")
    if not entries:
        return ""
    lines = [
        "## Quality beside what one would use otherwise",
        "",
        "Macro-F1 on the test rows with 95 % intervals of 1,000 resamples (of abstracts on nicta_piboso, of rows "
        "elsewhere). “vertikit (default)” is the default recipe of `medical/diagnosis`: a probe, blended "
        "with TF-IDF and a logistic regression; beside it stand the probe alone and, where it was "
        "taken, LoRA alone. The logistic regressions have C tuned: on the "
        "official validation part where there is one, else by cross-validation of the training rows, all of which they "
        "are then fitted on, while Vertikit takes its validation rows from these. SetFit, where it was run, has "
        "at most 150 steps of 16 pairs, to stay affordable; more may do better. Seconds "
        "are from rows to test predictions; Vertikit's are tokenising, features and training, and in brackets the "
        "whole command with imports, report and, in the default recipe, the regression that it is blended with.",
    ]
    whole: dict[str, dict[str, Entry]] = {}
    shots: dict[tuple[str, int], dict[str, list[Entry]]] = {}
    for key, each in entries.items():
        match = FEW.fullmatch(key)
        if match:
            shots.setdefault((match[1], int(match[2])), {}).setdefault(match[4], []).append(each)
        else:
            name, _, side = key.rpartition("/")
            whole.setdefault(name, {})[side] = each
    for name, sides in sorted(whole.items()):
        any_side = next(iter(sides.values()))
        lines += [
            "",
            f"### {name}",
            "",
            f"{any_side['rows']:,} training rows, {any_side['test']:,} test rows.",
        ]
        lines += ["", "| | macro-F1 | seconds |", "| --- | --- | --- |"]
        for side, each in sorted(sides.items(), key=lambda pair: -pair[1]["macro_f1"]):
            lines.append(f"| {side} | {figure(each)} | {_seconds(each)} |")
    if shots:
        lines += ["", "### Few rows a class", ""]
        lines += [
            "Mean over the seeds that were taken; in brackets the lowest and the highest of them. The test part is "
            "always the same: 30 % of symptom2disease, 1,000 of the official test rows of chemprot.",
            "",
            "| set | rows a class | | macro-F1 | seeds | seconds (median) |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
    for (name, count), by_side in sorted(shots.items()):
        for side, taken in sorted(by_side.items(), key=lambda pair: -_mean(pair[1])):
            scores = [each["macro_f1"] for each in taken]
            seconds = statistics.median(each["seconds"] for each in taken)
            threads = max(int(each["taken"]["threads"]) for each in taken)
            more = f" ({threads} threads)" if threads > 1 else ""
            lines.append(
                f"| {name} | {count} | {side} | {_mean(taken):.3f} ({min(scores):.3f} to {max(scores):.3f}) "
                f"| {len(taken)} | {seconds:.1f}{more} |"
            )
    missing = _missing(entries)
    return "\n".join([*lines, *(["", missing] if missing else []), "", conditions(entries)])


def _missing(entries: dict[str, Entry]) -> str:
    """A sentence on what each side lacks, seeds left out."""
    parts = []
    for side in SIDES:
        own = [each for each in SETTINGS if side != FEW_SHOT or "rows a class" in each]
        lacking = [each for each in own if f"{each}/{side}" not in entries]
        if lacking:
            names = dict.fromkeys(each.partition(", seed")[0] for each in lacking)
            parts.append(f"{side} on {', '.join(names)}")
    return f"Not taken yet, so nothing is claimed about it: {'; '.join(parts)}." if parts else ""


def _mean(taken: list[Entry]) -> float:
    return statistics.mean(float(each["macro_f1"]) for each in taken)


def _seconds(each: Entry) -> str:
    return (
        f"{each['seconds']} ({each['command_seconds']})"
        if "command_seconds" in each
        else f"{each['seconds']}"
    )
