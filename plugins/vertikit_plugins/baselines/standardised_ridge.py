"""Ridge regression on a few measured features, each in units of its own spread."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State
from vertikit_plugins.baselines.ridge import GRID, Ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class StandardisedRidge(Ridge):
    """Features are centred and scaled by the training rows; one that is missing is taken for their mean."""

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        super().__init__(inputs, seed, grid)
        self._mean = self._scale = np.zeros(0)

    @abstractmethod
    def _features(self, examples: Examples) -> NDArray[np.float64]:
        """[N, F] as measured, NaN where missing."""

    def state(self) -> State:
        inner = super().state()
        return State(tree=inner.tree, arrays={**inner.arrays, "mean": self._mean, "scale": self._scale})

    def load(self, state: State) -> None:
        super().load(state)
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]

    def _prepare(self, examples: Examples) -> NDArray[np.float64]:
        table = self._features(examples)
        known = np.isfinite(table)
        rows = np.maximum(known.sum(axis=0), 1)
        self._mean = np.where(known, table, 0.0).sum(axis=0) / rows
        spread = np.sqrt((np.where(known, table - self._mean, 0.0) ** 2).sum(axis=0) / rows)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        return self._standardised(table)

    def _table(self, examples: Examples) -> NDArray[np.float64]:
        return self._standardised(self._features(examples))

    def _standardised(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        return (np.where(np.isfinite(table), table, self._mean) - self._mean) / self._scale
