"""Small pieces of the page: a figure with its interval, whether a target is met, the conditions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Entry = dict[str, Any]


def conditions(entries: dict[str, Entry]) -> str:
    """A sentence on threads and on what else the machine was doing."""
    threads = sorted({each["taken"]["threads"] for each in entries.values()})
    loads = [each["taken"]["load_before"] for each in entries.values()]
    cores = max(each["taken"]["cores"] for each in entries.values())
    text = f"Threads per side: {', '.join(map(str, threads))}. "
    text += f"Load average of the machine: {min(loads)} to {max(loads)}"
    busy = max(loads) > cores + 0.5
    return text + (f" on {cores} cores: it was busy with other work, so times are noisy." if busy else ".")


def figure(scored: Entry) -> str:
    """0.612 (0.58 to 0.64)."""
    low, high = scored["ci95"]
    return f"{scored['macro_f1']:.3f} ({low:.3f} to {high:.3f})"


def verdict(met: bool) -> str:
    """Beside a figure that has a target."""
    return "(met)" if met else "(missed)"


def not_taken(expected: Iterable[str], entries: dict[str, Entry]) -> str:
    """A sentence on the figures that are missing; empty where none is."""
    missing = [name for name in expected if name not in entries]
    return f"Not taken yet, so nothing is claimed about it: {'; '.join(missing)}." if missing else ""
