"""Numbers that join the head's input beside what an encoder makes of texts: an expert's columns, say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Portable, State
from vertikit.export.program.beside import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column


class Beside:
    """Columns of numbers as features [N, F]: standardised by the training rows, 0 where missing, with a feature that
    says so for each column that training rows lack."""

    def __init__(self) -> None:
        self.columns: tuple[str, ...] = ()
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._scale: NDArray[np.float64] = np.ones(0)
        self._lacking: NDArray[np.int64] = np.zeros(0, np.int64)

    @property
    def width(self) -> int:
        """F."""
        return len(self.columns) + len(self._lacking)

    def fit(self, columns: Sequence[Column], values: Mapping[str, Any]) -> None:
        """Learn means and spreads from the values [n] of training rows, by column name."""
        self.columns = tuple(column.name for column in columns)
        table = self._table(values)
        known = np.isfinite(table)
        rows = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, table, 0.0)
        self._mean = filled.sum(axis=0) / rows
        spread = np.sqrt((np.where(known, table - self._mean, 0.0) ** 2).sum(axis=0) / rows)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        self._lacking = np.flatnonzero(~known.all(axis=0))

    def features(self, values: Mapping[str, Any]) -> NDArray[np.float32]:
        """[N, F] of values [N] by column name."""
        features = Part({"columns": self.columns}, self._learnt()).inputs(values)["beside"]
        return np.asarray(features, np.float32)

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(
            ("vertikit.export.program.beside",),
            {"columns": list(self.columns)},
            self._learnt(),
            columns=self.columns,
        )

    def _learnt(self) -> dict[str, NDArray[Any]]:
        return {"mean": self._mean, "scale": self._scale, "lacking": self._lacking}

    def state(self) -> State:
        return State(tree={"columns": list(self.columns)}, arrays=self._learnt())

    def load(self, state: State) -> None:
        self.columns = tuple(str(name) for name in state.tree["columns"])
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]
        self._lacking = state.arrays["lacking"]

    def _table(self, values: Mapping[str, Any]) -> NDArray[np.float64]:
        return np.stack([np.asarray(values[name], np.float64) for name in self.columns], axis=1)
