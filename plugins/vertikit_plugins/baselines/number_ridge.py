"""Columns of numbers into a ridge regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import VertikitError
from vertikit.table_columns import Number
from vertikit_plugins.baselines.ridge import GRID
from vertikit_plugins.baselines.standardised_ridge import StandardisedRidge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class NumberRidge(StandardisedRidge):
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

    def _features(self, examples: Examples) -> NDArray[np.float64]:
        there = examples.table.column_names
        return np.stack(
            [
                examples.numbers(name) if name in there else np.full(len(examples), np.nan)
                for name in self.columns
            ],
            axis=1,
        )
