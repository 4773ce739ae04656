"""The sections on tables of docs/benchmarks.md: preparation at scale, and an epoch beside a bare loop."""

from __future__ import annotations

from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, verdict

Entry = dict[str, Any]
STAGES = ("read, checked, split", "window features", "scales and tensors")
MOST_MB = 4096
MOST_TIMES = 1.25


def scale_section() -> str:
    """From a file of generated payments to tensors, or nothing where it was not taken."""
    entries = load("velocity")
    if not entries:
        return ""
    lines = [
        "## Tables at scale",
        "Generated payments of half a year (CSV, seven columns) to what the default recipe of finance/fraud trains "
        "on: read, checked and split; window features of card and terminal (26 columns; 1 hour to 30 days) kept on "
        "disk; scales, codes and tensors. Each size in a process of its own. Peak memory is the process's own; pages "
        "of mapped files, which the system takes back at need, are counted in the brackets. Targets: a peak under "
        "4 GB at ten million, growth near linear.",
        "",
        "| payments | stage | seconds | processor seconds | rows/s | peak, MB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key, each in entries.items():
        for stage in STAGES:
            found = each["stages"][stage]
            lines.append(
                f"| {key} | {stage} | {found['seconds']} | {found['processor_seconds']} "
                f"| {found['rows_per_second']:,} | {found['peak_memory_mb']:,} |"
            )
        peak = each["peak_memory_mb"]
        lines.append(
            f"| {key} | **all** | {each['seconds']} | {each['processor_seconds']} "
            f"| **{each['rows_per_second']:,}** | **{peak:,}** "
            f"({each['peak_with_mapped_files_mb']:,}) {verdict(peak < MOST_MB)} |"
        )
    sizes = sorted(entries.values(), key=lambda each: int(each["rows"]))
    if len(sizes) > 1:
        small, large = sizes[0], sizes[-1]
        rows = large["rows"] / small["rows"]
        seconds, processor = (large[name] / small[name] for name in ("seconds", "processor_seconds"))
        lines += [
            "",
            f"{rows:.0f} times the rows take {seconds:.1f} times the seconds, {processor:.1f} times the processor's.",
        ]
    return "\n".join([*lines, "", conditions(entries)])


def epoch_section() -> str:
    """One epoch of the backbones of tables, or nothing where it was not taken."""
    entries = load("table_epoch")
    if not entries:
        return ""
    lines = [
        "## One epoch on a table",
        "The training of one epoch alone, by `vertikit.train` and by a bare PyTorch loop on the same tensors, module, "
        "optimiser and batches of 256; the sides alternate, the first round warms up, the ratio is the median of the "
        "rounds. "
        f"Target: at most {MOST_TIMES} times the loop.",
        "",
        "| backbone | rows x columns | Vertikit, s | loop, s | times the loop |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, each in entries.items():
        lines.append(
            f"| {name} | {each['rows']:,} x {each['columns']} | {', '.join(map(str, each['kit_seconds']))} "
            f"| {', '.join(map(str, each['loop_seconds']))} "
            f"| **{each['times_loop']}** {verdict(each['times_loop'] <= MOST_TIMES)} |"
        )
    return "\n".join([*lines, "", conditions(entries)])
