"""Invented metal plates as a camera over a belt sees them: grain, light, blur, and what is wrong with some of them.

All is drawn by code from random numbers; no such plate exists. What makes them hard is what makes real ones hard: light
that falls off to one side and changes from shot to shot, grain that is itself a fine pattern, focus that is not always
right, defects that are small or faint, and harmless marks that look like defects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

SIDE = 112
Grey = NDArray[np.float64]
Marked = NDArray[np.bool_]


@dataclass(frozen=True)
class Plate:
    """One plate before any light falls on it.

    Args:
        surface: [SIDE, SIDE] reflectance around 0.5. defect: [SIDE, SIDE] where something is wrong with it.
    """

    surface: Grey
    defect: Marked


def sound_plate(random: np.random.Generator) -> Plate:
    """Brushed metal with two drilled holes and a milled edge, now and then with a harmless spot of dust."""
    grain = gaussian_filter(random.standard_normal((SIDE, SIDE)), (random.uniform(0.5, 0.8), 5.0))
    clouds = gaussian_filter(random.standard_normal((SIDE, SIDE)), 9)
    surface = 0.52 + 0.035 * grain / grain.std() + 0.02 * clouds / clouds.std()
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    moved = random.normal(0, 1.2, 2)
    for centre in (0.24, 0.76):
        apart = np.hypot(y - centre * SIDE - moved[0], x - 0.5 * SIDE - moved[1])
        surface = np.where(apart < 7, 0.14, surface)
        surface = np.where((apart >= 7) & (apart < 9), surface + 0.16, surface)  # a bright burr around it
    surface[:, : 7 + round(moved[1])] -= 0.14
    if random.random() < 0.25:
        surface = surface - _blob(random, random.uniform(0.8, 1.4)) * random.uniform(0.05, 0.12)
    return Plate(surface, np.zeros((SIDE, SIDE), bool))


def scratch(plate: Plate, strength: float, random: np.random.Generator) -> Plate:
    """A thin line, bright or dark, hardly ever along the grain."""
    path = _path(random, random.uniform(0.25, 0.7) * SIDE, bend=0.03)
    sign = 1 if random.random() < 0.6 else -1
    return _with(plate, path, sign * 0.26 * strength, random.uniform(0.5, 0.8))


def crack(plate: Plate, strength: float, random: np.random.Generator) -> Plate:
    """A dark line that jags."""
    path = _path(random, random.uniform(0.2, 0.5) * SIDE, bend=0.6)
    return _with(plate, path, -0.34 * strength, random.uniform(0.45, 0.7))


def dent(plate: Plate, strength: float, random: np.random.Generator) -> Plate:
    """A hollow: dark towards the light and bright away from it."""
    size = random.uniform(3.0, 7.0)
    blob = _blob(random, size)
    slope = -np.gradient(blob, axis=0) * size * 2.2
    return Plate(plate.surface + 0.3 * strength * slope, plate.defect | (blob > 0.15))


def stain(plate: Plate, strength: float, random: np.random.Generator) -> Plate:
    """A patch of another shade, with an edge that is not round."""
    ragged = gaussian_filter(random.standard_normal((SIDE, SIDE)), 4)
    wide = _blob(random, random.uniform(8, 15)) + 0.35 * ragged / np.abs(ragged).max()
    inside = gaussian_filter((wide > 0.45).astype(float), 1.0)
    return Plate(plate.surface - 0.11 * strength * inside, plate.defect | (inside > 0.5))


def pitting(plate: Plate, strength: float, random: np.random.Generator) -> Plate:
    """Small dark pits close together."""
    near = _blob(random, random.uniform(6, 12))
    pits = (random.random((SIDE, SIDE)) < 0.16 * near).astype(float)
    depth = gaussian_filter(pits, 0.7)
    return Plate(plate.surface - 0.55 * strength * depth, plate.defect | (gaussian_filter(pits, 2) > 0.02))


DEFECTS: dict[str, Callable[[Plate, float, np.random.Generator], Plate]] = {
    "scratch": scratch, "dent": dent, "stain": stain, "crack": crack, "pitting": pitting,
}  # fmt: skip


def shot(plate: Plate, random: np.random.Generator) -> tuple[NDArray[np.uint8], Marked]:
    """A photograph of a plate, and where in it the defect is: light, a small shift, focus, noise of the sensor."""
    by = random.normal(0, 1.0, 2)
    surface = shift(plate.surface, by, order=1, mode="nearest")
    defect = shift(plate.defect.astype(float), by, order=0, mode="constant") > 0.5
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    angle = random.uniform(0, 2 * np.pi)
    light = random.normal(1.0, 0.1) * (1 + random.uniform(0, 0.3) * (np.cos(angle) * x + np.sin(angle) * y))
    focus = random.uniform(0.2, 0.6) if random.random() < 0.93 else random.uniform(0.9, 1.4)
    seen = gaussian_filter(surface * light, focus) + random.normal(
        0, random.uniform(0.008, 0.02), surface.shape
    )
    return (seen * 255).clip(0, 255).astype(np.uint8), defect


def again(plate: Plate, random: np.random.Generator) -> Plate:
    """The same plate as it comes by once more, with a trace of dust."""
    return replace(plate, surface=plate.surface - 0.02 * _blob(random, 2.0))


def _blob(random: np.random.Generator, size: float) -> Grey:
    """A soft round spot of height 1 somewhere on the plate."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    at = random.uniform(0.16, 0.84, 2) * SIDE
    wide = size * random.uniform(0.75, 1.3, 2)
    found: Grey = np.exp(-0.5 * (((y - at[0]) / wide[0]) ** 2 + ((x - at[1]) / wide[1]) ** 2))
    return found


def _path(random: np.random.Generator, length: float, bend: float) -> Marked:
    """A line that turns by about `bend` radians at each of its steps."""
    found = np.zeros((SIDE, SIDE), bool)
    at, heading = random.uniform(0.2, 0.8, 2) * SIDE, random.uniform(0, 2 * np.pi)
    for _ in range(int(length * 2)):
        heading += random.normal(0, bend)
        at = at + 0.5 * np.array([np.sin(heading), np.cos(heading)])
        place = at.round().astype(int)
        if (place < 1).any() or (place >= SIDE - 1).any():
            break
        found[tuple(place)] = True
    return found


def _with(plate: Plate, path: Marked, depth: float, width: float) -> Plate:
    line = gaussian_filter(path.astype(float), width)
    line /= max(line.max(), 1e-9)
    return Plate(plate.surface + depth * line, plate.defect | (line > 0.25))
