"""What the run's own encoder sees in texts, pictures or windows: where its features lie, in a few directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.binding import bound_values
from vertikit.adapt.encoding import pooled_features
from vertikit.series_columns import Series
from vertikit.watch.measured import NUMBERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.adapt.assembling import Assembled
    from vertikit.examples import Examples, Indices
    from vertikit.progress import Progress

DIRECTIONS = 8
"""Principal directions, and beside them how far features lie from all of these."""
ROWS_EACH = 5
"""Examples for each direction: with fewer, directions are those of single examples."""


@dataclass(frozen=True)
class Directions:
    """In which features [n, D] of training rows spread most: mean [D], and axes [k, D] of length one."""

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]

    @classmethod
    def of(cls, features: NDArray[np.float32]) -> Directions | None:
        """None where there are too few features for any."""
        most = min(DIRECTIONS, len(features) // ROWS_EACH, features.shape[1])
        if most < 1:
            return None
        mean = features.mean(axis=0)
        _, spread, axes = np.linalg.svd(features - mean, full_matrices=False)
        kept = axes[:most][spread[:most] > 1e-6 * max(float(spread[0]), 1e-12)]
        return cls(mean.astype(np.float32), kept.astype(np.float32)) if len(kept) else None

    def along(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """[n, k + 1] places along the axes, and the distance from all of them."""
        around = features - self.mean
        places = around @ self.axes.T
        beyond = np.sqrt(np.maximum((around**2).sum(axis=1) - (places**2).sum(axis=1), 0.0))
        return np.column_stack([places, beyond]).astype(np.float64)


def encoded(assembled: Assembled) -> list[str]:
    """The bindings whose values an encoder reads as a whole; of a table, each column is looked at by itself."""
    return [
        name
        for name in assembled.bindings
        if all(isinstance(column, Series) for column in assembled.tables.get(name, ()))
    ]


def features_of(
    assembled: Assembled, examples: Examples, name: str, progress: Progress
) -> NDArray[np.float32]:
    """[N, D] of a binding's values, by the encoder as it is now."""
    backbone = assembled.backbones[assembled.bindings[name]]
    backbone.module.to(assembled.device)
    items = backbone.items(bound_values(assembled, examples, name))
    return pooled_features(backbone, items, np.arange(len(examples)), assembled.device, progress)


def of_content(
    name: str, features: NDArray[np.float32], directions: Directions, rows: Indices
) -> Iterator[Measured]:
    """Places along each direction, as one bundle. Bins alone are kept of them: they say something of each row."""
    told = f"{name}: content (as the encoder sees it)"
    for at, places in enumerate(directions.along(features).T):
        yield Measured(f"{name}: content {at + 1}", name, NUMBERS, places, rows, private=True, bundle=told)
