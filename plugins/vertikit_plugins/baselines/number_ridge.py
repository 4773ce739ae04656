"""Columns of numbers into a ridge regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State
from vertikit.errors import VertikitError
from vertikit.table_columns import Number
from vertikit_plugins.baselines.ridge import GRID, Ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class NumberRidge(Ridge):
    """Standardised numbers; one that is missing is taken for the mean."""

    name = "ridge"

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        super().__init__(inputs, seed, grid)
        self.columns = tuple(column.name for column in inputs if isinstance(column, Number))
        if not self.columns:
            raise VertikitError(
                "baseline ridge reads numbers, and there is no column of them.",
                "Leave it out of the recipe's baselines.",
            )
        self._mean = self._scale = np.zeros(0)

    def state(self) -> State:
        inner = super().state()
        return State(tree=inner.tree, arrays={**inner.arrays, "mean": self._mean, "scale": self._scale})

    def load(self, state: State) -> None:
        super().load(state)
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]

    def _prepare(self, examples: Examples) -> NDArray[np.float64]:
        table = self._numbers_of(examples)
        known = np.isfinite(table)
        rows = np.maximum(known.sum(axis=0), 1)
        self._mean = np.where(known, table, 0.0).sum(axis=0) / rows
        spread = np.sqrt((np.where(known, table - self._mean, 0.0) ** 2).sum(axis=0) / rows)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        return self._table(examples)

    def _table(self, examples: Examples) -> NDArray[np.float64]:
        table = self._numbers_of(examples)
        return (np.where(np.isfinite(table), table, self._mean) - self._mean) / self._scale

    def _numbers_of(self, examples: Examples) -> NDArray[np.float64]:
        there = examples.table.column_names
        return np.stack(
            [
                examples.numbers(name) if name in there else np.full(len(examples), np.nan)
                for name in self.columns
            ],
            axis=1,
        )
