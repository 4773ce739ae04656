"""Half-hourly counts of one place, with some days on which something was the matter."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

FIRST = datetime(2024, 3, 4, tzinfo=UTC)
A_DAY = 48
KINDS = ("storm", "marathon", "outage")


def write(path: Path, rows: int = 9600, seed: int = 0) -> None:
    """So many rows as CSV: time, demand, day (usual, or what was the matter)."""
    random = np.random.default_rng(seed)
    days = max(60, round(1.02 * rows / A_DAY) + 2)  # some counts are lost
    lines = []
    unusual = {
        int(day): KINDS[at % len(KINDS)]
        for at, day in enumerate(random.choice(np.arange(5, days), max(6, days // 14), replace=False))
    }
    slot = np.arange(A_DAY) / 2
    for day in range(days):
        first = FIRST + timedelta(days=day)
        if first.weekday() >= 5:
            course = 0.4 + np.exp(-((slot - 15) ** 2) / 30)
        else:
            course = 0.3 + np.exp(-((slot - 8) ** 2) / 6) + 1.1 * np.exp(-((slot - 18) ** 2) / 8)
        kind = unusual.get(day, "usual")
        if kind == "storm":
            course = course * 0.75
        elif kind == "marathon":
            course = course + 0.3 * np.exp(-((slot - 11) ** 2) / 10)
        elif kind == "outage":
            course = np.where((slot > 10) & (slot < 13), 0.5 * course, course)
        level = 800 * (1 + 0.08 * random.standard_normal())
        demand = random.poisson(np.maximum(course * level * (1 + 0.04 * random.standard_normal(A_DAY)), 0))
        for at in range(A_DAY):
            if random.random() < 0.005:
                continue
            time = first + timedelta(minutes=30 * at)
            lines.append([time.strftime("%Y-%m-%d %H:%M:%S"), int(demand[at]), kind])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "demand", "day"])
        writer.writerows(lines[:rows])
