"""Sample data of manufacturing/fault and fault-kind: hourly readings of a fleet of pumps over some months.

The readings are synthetic; see `machines`. Labels are as a log book has them: begun late, forgotten, or set by mistake.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from vertikit_manufacturing.samples.machines import SENSORS, Life, live, spoil

FIELDS = ("unit", "time", "model", *SENSORS, "fault")
KIND_FIELDS = (*FIELDS[:-1], "kind")
START = datetime(2025, 1, 6)
HOURS = 2400
"""That a machine is read: a hundred days."""
LATE, FORGOTTEN, MISTAKEN = 0.3, 0.04, 0.15
"""Shares of faults whose log begins late, of those that are not in it, and of machines with a false entry."""
NAMED, WORN = 48, 0.4
"""Hours before a fault in which hindsight tells the kind, and the wear from which on there is something to see."""
SOUND = "none"


def readings(rows: int = 84_000, seed: int = 0) -> Iterator[dict[str, str]]:
    """Give about `rows` rows, machine by machine, keyed by `FIELDS` and "kind", "" where missing."""
    random = np.random.default_rng(seed)
    machines = max(4, round(rows / HOURS))
    hours = max(240, round(rows / machines))
    for number in range(machines):
        life = live(hours, random)
        yield from _rows(f"P{number + 1:02}", "A" if random.random() < 0.6 else "B", life, random)


def write(path: Path, rows: int = 84_000, seed: int = 0) -> None:
    """Write the readings with whether the machine had a fault, as CSV."""
    _write(path, FIELDS, rows, seed)


def write_kinds(path: Path, rows: int = 84_000, seed: int = 0) -> None:
    """Write the readings with the kind of the fault that a machine had or was about to have, as CSV."""
    _write(path, KIND_FIELDS, rows, seed)


def _write(path: Path, fields: tuple[str, ...], rows: int, seed: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fields, lineterminator="\n", extrasaction="ignore")
        table.writeheader()
        table.writerows(readings(rows, seed))


def _rows(name: str, model: str, life: Life, random: np.random.Generator) -> Iterator[dict[str, str]]:
    measured = spoil(life.readings, random)
    logged = _logged(life.fault, random)
    kinds = _kinds(life, random)
    times = _clock(len(measured), random)
    there = _there(len(measured), random)
    for at in np.flatnonzero(there).tolist():
        values = ("" if np.isnan(value) else f"{value:g}" for value in measured[at])
        yield {
            "unit": name,
            "time": times[at].isoformat(sep=" ", timespec="minutes"),
            "model": model,
            **dict(zip(SENSORS, values, strict=True)),
            "fault": str(int(logged[at])),
            "kind": kinds[at],
        }


def _logged(fault: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The faults as the log book has them."""
    logged = fault.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fault.astype(int), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if random.random() < FORGOTTEN:
            logged[start:stop] = False
        elif random.random() < LATE:
            logged[start : start + int(random.integers(1, 4))] = False
    if random.random() < MISTAKEN:
        start = int(random.integers(len(fault)))
        logged[start : start + int(random.integers(1, 12))] = True
    return logged


def _kinds(life: Life, random: np.random.Generator) -> list[str]:
    """What the repair found, for the hours before a fault as well; sometimes it is put down as another."""
    names = np.full(len(life.fault), SOUND, object)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], life.fault.astype(int), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        name = life.kind[start]
        if random.random() < 0.05:
            name = random.choice(["bearing", "seal"])
        before = np.arange(max(0, start - NAMED), start)
        names[before[life.wear[before] > WORN]] = name
        names[start:stop] = ""  # it stands still: there is nothing to hear
    return [str(name) for name in names]


def _clock(hours: int, random: np.random.Generator) -> list[datetime]:
    """An hour after another, but for a clock that is set back or forth once in a while."""
    shift = np.zeros(hours)
    if random.random() < 0.25:
        shift[int(random.integers(hours)) :] -= int(random.integers(1, 5))
    if random.random() < 0.15:
        shift[int(random.integers(hours)) :] += int(random.integers(12, 60))
    return [START + timedelta(hours=at + float(shift[at])) for at in range(hours)]


def _there(hours: int, random: np.random.Generator) -> np.ndarray:
    """[hours] whether a row reached the table: some are lost, and sometimes days of them."""
    there = random.random(hours) > 0.003
    for _ in range(random.poisson(hours / 1200)):
        start = int(random.integers(hours))
        there[start : start + int(random.uniform(8, 90))] = False
    return np.asarray(there)
