"""Counts of three places: a course by day and week, holidays, weather, noise, and what goes wrong with counters."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PLACES = {"harbour": (120.0, 1.6), "market": (420.0, 0.9), "campus": (60.0, 0.25)}
"""Place -> its level, and what a free day has beside a working one."""
FIRST = datetime(2024, 10, 1, tzinfo=UTC)
HOLIDAYS = ("2024-10-14", "2024-11-11", "2024-11-28", "2024-12-25", "2025-01-01", "2025-01-20")


def write(path: Path, rows: int = 6000, seed: int = 0) -> None:
    """So many hourly rows of all places, by time, as CSV: time, place, demand, temperature."""
    random = np.random.default_rng(seed)
    hours = max(24 * 40, round(1.05 * rows / len(PLACES)) + 40)  # some hours are lost
    times = [FIRST + timedelta(hours=at) for at in range(hours)]
    temperature = _temperature(hours, random)
    lines = []
    for place, (level, free) in PLACES.items():
        course = _course(times, free) * level * (1 + 0.01 * np.maximum(12 - temperature, 0))
        # Noise that lasts, as a busy evening does.
        lasting = np.zeros(hours)
        for at in range(1, hours):
            lasting[at] = 0.8 * lasting[at - 1] + 0.05 * random.standard_normal()
        demand = np.round(random.poisson(np.maximum(course * np.exp(lasting), 0.5))).astype(int)
        silent = int(random.integers(200, hours - 300))
        for at, time in enumerate(times):
            if silent <= at < silent + 30 or random.random() < 0.004:
                continue  # the counter was silent
            value = "" if random.random() < 0.003 else str(demand[at])
            lines.append([time.strftime("%Y-%m-%d %H:%M:%S"), place, value, f"{temperature[at]:.1f}"])
            if random.random() < 0.001:
                lines.append(list(lines[-1]))  # it has sent the hour twice
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "place", "demand", "temperature"])
        writer.writerows(sorted(lines)[:rows])


def _temperature(hours: int, random: np.random.Generator) -> NDArray[np.float64]:
    at = np.arange(hours)
    front = np.convolve(random.standard_normal(hours + 71), np.ones(72) / 72, "valid")[:hours] * 25
    return 12 - 8 * np.sin(at / (24 * 365) * np.pi) + 3 * np.sin((at % 24 - 9) / 24 * 2 * np.pi) + front


def _course(times: list[datetime], free: float) -> NDArray[np.float64]:
    """[T] around 1: two peaks of a working day, one of a free one."""
    found = []
    for time in times:
        hour = time.hour
        if time.weekday() >= 5 or time.strftime("%Y-%m-%d") in HOLIDAYS:
            found.append(free * (0.25 + 1.1 * np.exp(-((hour - 15) ** 2) / 18)))
        else:
            peaks = np.exp(-((hour - 8) ** 2) / 5) + 1.2 * np.exp(-((hour - 17.5) ** 2) / 7)
            found.append(0.25 + 1.3 * peaks)
    return np.array(found)
