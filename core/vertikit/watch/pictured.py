"""What is measured of pictures: light, contrast, size, colour and kind of file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vertikit.watch.measured import KINDS, NUMBERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.pictures import Pictures


def of_pictures(name: str, pictures: Pictures, rows: Indices) -> Iterator[Measured]:
    """Measurements of the pictures [n] of a column; an example without one has none."""
    known = np.flatnonzero(pictures.known)
    light, contrast = np.full(len(pictures), np.nan), np.full(len(pictures), np.nan)
    for at in known.tolist():
        pixels = pictures[at]
        light[at], contrast[at] = pixels.mean(), pixels.std()
    sizes = np.full((len(pictures), 2), np.nan)
    sizes[known] = pictures.sizes[pictures.place[known]]

    def measured(what: str, values: NDArray[np.float64]) -> Measured:
        return Measured(f"{name}: {what}", name, NUMBERS, values, rows)

    yield measured("brightness", light)
    yield measured("contrast", contrast)
    yield measured("height", sizes[:, 0])
    yield measured("width", sizes[:, 1])
    for what, told in (("kind of file", pictures.kinds), ("colour", _colours(pictures))):
        values = np.full(len(pictures), None, object)
        values[known] = told[pictures.place[known]]
        yield Measured(f"{name}: {what}", name, KINDS, values, rows)


def _colours(pictures: Pictures) -> NDArray[np.object_]:
    """[P] of the distinct pictures."""
    return np.array(["grey" if shape[3] == 1 else "colour" for shape in pictures.shapes], object)
