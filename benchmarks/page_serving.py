"""The section on serving of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, verdict

Entry = dict[str, Any]
FASTER, RESIDENT = 2.0, 1.15


def serving_section() -> str:
    """Load and memory, or nothing where neither was taken."""
    entries = load("serving")
    if not entries:
        return ""
    lines = ["## Serving: `vertikit serve`"]
    if "load" in entries:
        lines += _load(entries["load"])
    if "memory" in entries:
        lines += _memory(entries["memory"])
    return "\n".join([*lines, "", conditions(entries)])


def _load(entry: Entry) -> list[str]:
    bare = ", ".join(f"{each:.1f} ms with {name} thread(s)" for name, each in entry["bare_ms"].items())
    kit, plain = entry["sides"]["kit"], entry["sides"][entry["plain"]]
    lines = [
        "",
        f"{entry['clients']} clients, each with a connection of its own and one row at a time: symptom2disease, MiniLM "
        "with a head on it (`blend=null`), float32. **Plain handler**: tokenizer, encoder and head of the same run in "
        "a `def` of FastAPI, answering probabilities alone; the kit checks the row, decides and gives reasons besides. "
        "Both are one uvicorn process on all cores; the client (`benchmarks/load_client.py`, raw asyncio) is pinned to "
        f"one of them. Medians of {entry['rounds']} rounds of {entry['seconds']:g} s, the sides in turns; ratios are "
        "taken round by round. Target: at least 2 times the throughput of the plain handler with its better number "
        "of threads, at no worse p95.",
        "",
        "| side | requests a second | p50, ms | p95, ms | p99, ms | not answered |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, each in entry["sides"].items():
        told = "vertikit serve" if name == "kit" else f"plain handler, {name.partition(', ')[2]} thread(s)"
        lines.append(
            f"| {told} | {each['requests_per_second']:.0f} | {each['p50']:.0f} | {each['p95']:.0f} "
            f"| {each['p99']:.0f} | {each['refused']:.0f} |"
        )
    met = entry["ratio"] >= FASTER and kit["p95"] <= plain["p95"]
    spread = f"{min(entry['ratios'])} to {max(entry['ratios'])}"
    return [
        *lines,
        "",
        f"**{entry['ratio']} times the throughput** ({spread} by round), p95 {entry['p95_ratio']} times that of the "
        f"plain handler {verdict(met)}; {entry['rows_together']} rows were answered together on average. One row "
        f"alone, tokens and forward pass without a server: {bare}.",
    ]


def _memory(entry: Entry) -> list[str]:
    return [
        "",
        f"{entry['runs']} runs on one backbone (four probes, four LoRA, of other rows and seeds), each asked 64 times: "
        f"{entry['eight'] / 1e6:.0f} MB resident against {entry['one'] / 1e6:.0f} MB of a server with one, "
        f"**{entry['ratio']} times** {verdict(entry['ratio'] <= RESIDENT)} (target: at most 1.15).",
    ]
