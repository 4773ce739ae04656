"""What needs no encoder: logistic regression on the pixels of small grey pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit_plugins.baselines.feature_logistic import FeatureLogistic
from vertikit_plugins.pictures.coarse import coarse, picture_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples

SIDE = 32


class PixelsLogistic(FeatureLogistic):
    """Of each picture 32 x 32 grey pixels; see `FeatureLogistic`."""

    name = "pixels-logistic"

    def __init__(self, inputs: tuple[Column, ...], seed: int, c: float | None = None) -> None:
        super().__init__(inputs, seed, c)
        self._columns = picture_columns(inputs, self.name)

    def features(self, examples: Examples) -> NDArray[np.float64]:
        return coarse(examples, self._columns, SIDE).astype(np.float64)
