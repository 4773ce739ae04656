"""Draws films that look like nothing but a chest from afar: shapes, noise and exposure, of nobody.

A body, two lungs, ribs, a heart and a diaphragm are drawn from a few numbers of a made-up person, so that films of one
are alike; findings are laid over; what a device does comes last: its exposure, blur, noise, and the marks that its site
leaves in a corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

SIDE = 128
FINDINGS = ("opacity", "effusion", "nodule", "large heart")


@dataclass(frozen=True)
class Person:
    """The shape of somebody who does not exist."""

    width: float
    height: float
    heart: float
    tilt: float
    ribs: float
    seed: int


def person(random: Generator) -> Person:
    return Person(
        width=float(random.normal(0.33, 0.025)),
        height=float(random.normal(0.36, 0.025)),
        heart=float(random.normal(0.125, 0.012)),
        tilt=float(random.normal(0, 0.03)),
        ribs=float(random.uniform(0.03, 0.07)),
        seed=int(random.integers(2**31)),
    )


@dataclass(frozen=True)
class Device:
    """What a site's device does to every film."""

    exposure: float
    noise: float
    blur: float
    border: int
    mark: str
    grain: float = field(default=0.0)


def film(
    who: Person, findings: tuple[str, ...], device: Device, lying: bool, random: Generator
) -> NDArray[np.uint8]:
    """A film [SIDE, SIDE] of that person with those findings; `lying`, as those taken in bed: wider, paler, turned."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    turn = who.tilt + random.normal(0, 0.05 if lying else 0.02)
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    x, y = x + random.normal(0, 0.02), y + random.normal(0, 0.02)
    width, height = who.width * (1.08 if lying else 1), who.height * (0.93 if lying else 1)
    body = _soft(1 - (x / (width * 1.35)) ** 2 - (y / (height * 1.5)) ** 4, 0.15)
    lungs = np.zeros_like(x)
    for side in (-1, 1):
        lungs += _soft(
            1 - ((x - side * width * 0.52) / (width * 0.4)) ** 2 - ((y + 0.02) / (height * 0.95)) ** 2, 0.25
        )
    heart = who.heart * (
        1.45 + random.normal(0, 0.08) if "large heart" in findings else 1 + random.normal(0, 0.06)
    )
    heart *= 1.12 if lying else 1
    core = _soft(1 - ((x - 0.045) / heart) ** 2 - ((y - 0.1) / (heart * 1.1)) ** 2, 0.3)
    ribs = 0.5 + 0.5 * np.sin(2 * np.pi * (y + 0.6 * np.abs(x) ** 1.5) / (2 * who.ribs))
    shade = 0.25 * body + 0.30 * body * (1 - lungs.clip(0, 1)) + 0.06 * ribs * lungs
    shade += 0.3 * core + 0.25 * _soft((y - height * 0.62) / 0.2, 0.3) * body
    own = np.random.default_rng(who.seed)  # vessels are a person's own
    shade += 0.05 * lungs * _clouds(own, 7)
    for finding in findings:
        shade += _finding(finding, x, y, width, height, random) * body
    shade += random.normal(0, 0.03)
    shade = shade * device.exposure * (0.9 if lying else 1) + 0.04 * _clouds(random, 4)
    shade = _blurred(shade, device.blur) + device.grain * _clouds(random, 32)
    shade = shade + random.normal(0, device.noise, shade.shape)
    pixels = np.asarray((255 * shade).clip(0, 255), np.uint8)
    if device.border:
        pixels[: device.border] = pixels[-device.border :] = 0
        pixels[:, : device.border] = pixels[:, -device.border :] = 0
    _mark(pixels, device)
    return pixels


def _finding(
    name: str, x: NDArray[np.float64], y: NDArray[np.float64], width: float, height: float, random: Generator
) -> NDArray[np.float64]:
    side = 1 if random.random() < 0.5 else -1
    if name == "opacity":
        size = random.uniform(0.06, 0.13)
        at = (side * width * random.uniform(0.35, 0.7), random.uniform(-0.6, 0.5) * height)
        patch = _soft(
            1 - ((x - at[0]) / size) ** 2 - ((y - at[1]) / (size * random.uniform(0.7, 1.3))) ** 2, 0.8
        )
        found: NDArray[np.float64] = random.uniform(0.10, 0.22) * patch * (0.6 + 0.4 * _clouds(random, 9))
        return found
    if name == "effusion":
        level = height * random.uniform(0.25, 0.5)
        below = _soft((y - level - 0.25 * (x * side - width * 0.5)) / 0.08, 0.5)
        half: NDArray[np.float64] = random.uniform(0.14, 0.26) * below * (x * side > 0.02)
        return half
    if name == "nodule":
        size = random.uniform(0.022, 0.04)
        at = (side * width * random.uniform(0.3, 0.75), random.uniform(-0.7, 0.45) * height)
        spot = _soft(1 - ((x - at[0]) ** 2 + (y - at[1]) ** 2) / size**2, 0.4)
        return np.asarray(random.uniform(0.16, 0.28) * spot)
    return np.zeros_like(x)  # a large heart is drawn with the heart


def _soft(values: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """0 below zero, 1 above `width`, smooth between."""
    found: NDArray[np.float64] = (values / width).clip(0, 1)
    return found * found * (3 - 2 * found)


def _clouds(random: Generator, grain: int) -> NDArray[np.float64]:
    """Smooth noise from -1 to 1, with `grain` bumps along a side."""
    from scipy.ndimage import zoom

    coarse = random.uniform(-1, 1, (grain + 1, grain + 1))
    return np.asarray(zoom(coarse, SIDE / (grain + 1), order=3)[:SIDE, :SIDE])


def _blurred(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(values, sigma)) if sigma else values


def _mark(pixels: NDArray[np.uint8], device: Device) -> None:
    """The sign that a site's device burns into a corner."""
    from PIL import Image, ImageDraw

    if not device.mark:
        return
    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).text((SIDE - 16, 6), device.mark, fill=235)
    pixels[:] = np.asarray(picture)
