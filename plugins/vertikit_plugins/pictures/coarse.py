"""Pictures as small grey squares: what a model without an encoder reads of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit import VertikitError
from vertikit.picture_columns import Image
from vertikit.prepare.pictures.shrinking import grey, resized

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples


def picture_columns(inputs: tuple[Column, ...], baseline: str) -> tuple[str, ...]:
    """The inputs that are pictures; VertikitError where there are none."""
    found = tuple(column.name for column in inputs if isinstance(column, Image))
    if not found:
        raise VertikitError(
            f"baseline {baseline} reads pictures, and this task has none.",
            "Leave it out of the recipe's baselines.",
        )
    return found


def coarse(examples: Examples, columns: tuple[str, ...], side: int) -> NDArray[np.float32]:
    """[N, side * side * columns] grey values from 0 to 1 of the middle frame, each distinct picture shrunk once; 0.5
    where an example has none."""
    parts = []
    for name in columns:
        found = np.full((len(examples), side * side), 0.5, np.float32)
        pictures = examples.pictures.get(name)
        if pictures is not None:
            known = np.flatnonzero(pictures.known)
            places, which = np.unique(pictures.place[known], return_inverse=True)
            small = np.empty((len(places), side * side), np.float32)
            for at, place in enumerate(places.tolist()):
                frames = pictures.picture(place)
                shrunk = resized(grey(frames[len(frames) // 2])[:, :, None], (side, side))
                small[at] = np.asarray(shrunk, np.float32).reshape(-1) / 255
            found[known] = small[which]
        parts.append(found)
    return np.concatenate(parts, axis=1)
