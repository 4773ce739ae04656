"""Invented pumps that run for months: loads, wear, faults with and without warning, service, and poor sensors.

Numbers come from a random generator and describe no machine. What makes them hard is what makes real ones hard: a
load that drifts and differs by machine, wear that service sets back before it comes to a fault, faults that come
without warning, sensors that are stuck, rows that are missing, clocks that jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SENSORS = ("vibration", "temperature", "current", "pressure", "flow", "speed")
KINDS = ("bearing", "seal", "winding", "cavitation")
SUDDEN = 0.15
"""Share of faults that nothing announces."""
SERVICED = 0.3
"""Share of announced faults that service comes before."""


@dataclass
class Life:
    """A machine's months, an entry an hour.

    Args:
        readings: [H, sensors]. wear: [H] 0 to 1, how far the next fault has come. kind: [H] of that fault, "" for none.
        fault: [H] whether it stands still with a fault.
    """

    readings: Array
    wear: Array
    kind: NDArray[np.object_]
    fault: NDArray[np.bool_]


def live(hours: int, random: np.random.Generator) -> Life:
    """One machine."""
    wear, kind, fault = _history(hours, random)
    hour = np.arange(hours)
    day = 0.5 + 0.5 * np.sin(2 * np.pi * (hour % 24 - 6) / 24)
    weekend = (hour // 24 % 7 >= 5) * random.uniform(0.1, 0.6)
    load = random.uniform(0.5, 0.8) + 0.25 * day - weekend + _wander(hours, 0.004, random)
    load = np.clip(load + 0.05 * random.standard_normal(hours), 0.05, 1.2)
    season = 4 * np.sin(2 * np.pi * hour / (24 * 120) + random.uniform(0, 6)) + _wander(hours, 0.05, random)
    own = random.normal(1, 0.15, len(SENSORS))
    age = _wander(hours, 0.0006, random)
    by = {name: wear * (kind == name) * random.uniform(0.5, 1.2) for name in KINDS}
    rough = _bursts(hours, random)
    vibration = own[0] * (
        1.8 + 1.2 * load + 2.4 * by["bearing"] ** 2 + 1.6 * by["cavitation"] + 0.4 * rough + age
    )
    temperature = 38 + season + 16 * load * own[1] + 9 * by["bearing"] ** 2 + 9 * by["winding"] ** 2
    temperature = _lagged(temperature, 6)
    current = own[2] * (9 + 11 * load + 1.8 * by["seal"] + 2.5 * by["winding"])
    pressure = own[3] * (5.2 + 0.9 * load - 1.0 * by["seal"] ** 2 - 0.5 * by["cavitation"])
    flow = own[4] * (28 + 42 * load - 7 * by["seal"] - 8 * by["cavitation"])
    speed = own[5] * (1420 + 60 * load)
    noise = (
        0.25 * (1 + 1.5 * by["bearing"] + 1.5 * by["cavitation"]),
        0.8 * np.ones(hours),
        0.6 * (1 + 2.5 * by["winding"]),
        0.10 * (1 + 2.0 * by["cavitation"]),
        1.6 * (1 + 1.0 * by["cavitation"]),
        6.0 * np.ones(hours),
    )
    readings = np.stack([vibration, temperature, current, pressure, flow, speed], axis=1)
    readings += np.stack(noise, axis=1) * random.standard_normal(readings.shape)
    stopped = np.array([0.2, 30.0, 0.4, 0.6, 0.5, 3.0])
    readings[fault] = stopped * (1 + 0.2 * random.standard_normal((int(fault.sum()), len(SENSORS))))
    return Life(np.round(readings, 2), wear, kind, fault)


def _history(hours: int, random: np.random.Generator) -> tuple[Array, NDArray[np.object_], NDArray[np.bool_]]:
    """Wear that rises to a fault, or to service; then it starts anew."""
    wear = np.zeros(hours)
    kind = np.full(hours, "", object)
    fault = np.zeros(hours, bool)
    at = int(random.exponential(30 * 24))
    while at < hours:
        name = str(random.choice(KINDS, p=(0.4, 0.3, 0.15, 0.15)))
        growing = 1 if random.random() < SUDDEN else int(random.uniform(2, 9) * 24)
        end = at + growing
        if random.random() < SERVICED and growing > 1:  # service sets it back on the way
            end = at + int(growing * random.uniform(0.3, 0.95))
        span = np.arange(at, min(end, hours))
        wear[span] = (span - at + 1) / growing
        kind[span] = name
        if end == at + growing and end < hours:
            down = int(random.uniform(4, 30))
            fault[end : end + down] = True
            kind[end : end + down] = name
            end += down
        at = end + 48 + int(random.exponential(24 * 24))
    return wear, kind, fault


def spoil(readings: Array, random: np.random.Generator) -> Array:
    """Sensors that are stuck for days, silent for hours, or knocked to another level."""
    readings = readings.copy()
    hours = len(readings)
    for at in range(readings.shape[1]):
        for _ in range(random.poisson(hours / 6000)):
            start = int(random.integers(hours))
            readings[start : start + int(random.uniform(60, 240)), at] = readings[start, at]
        for _ in range(random.poisson(hours / 900)):
            start = int(random.integers(hours))
            readings[start : start + int(random.exponential(14)) + 1, at] = np.nan
        if random.random() < 0.1:
            start = int(random.integers(hours))
            readings[start:, at] *= random.uniform(0.9, 1.1)
        readings[random.random(hours) < 0.002, at] *= random.choice([0.0, 10.0])
    return np.round(readings, 2)


def _wander(hours: int, step: float, random: np.random.Generator) -> Array:
    return np.asarray(np.cumsum(step * random.standard_normal(hours)))


def _bursts(hours: int, random: np.random.Generator) -> Array:
    """Rough hours that look like wear and are none: another product, a full filter."""
    found = np.zeros(hours)
    for _ in range(random.poisson(hours / 350)):
        start = int(random.integers(hours))
        found[start : start + int(random.uniform(6, 72))] += random.uniform(0.3, 2.0)
    return found


def _lagged(values: Array, hours: int) -> Array:
    """A first-order lag: heat takes its time."""
    kept = values.copy()
    for at in range(1, len(kept)):
        kept[at] += (kept[at - 1] - kept[at]) * (1 - 1 / hours)
    return kept
