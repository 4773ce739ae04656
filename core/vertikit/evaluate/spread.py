"""How far off a number may be: learnt from the errors on rows that trained nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBOURS = 25
"""Rows, at least, whose errors say how far off the answers near them are."""
PRIOR = 10.0
"""Rows' worth of the error over all that is mixed into each neighbourhood."""
KNOTS = 33
FEWEST = 10


class Spread:
    """The standard deviation of errors by the number answered, and an interval that holds the truth often enough.

    The spread at an answer is the root of the mean squared error of the calibration rows with the nearest answers,
    drawn a little to that of all. The interval is answer +- q times the spread, q the (n + 1) `level` / n quantile of
    |error| / spread: split conformal prediction with locally weighted scores (Lei, G'Sell, Rinaldo, Tibshirani and
    Wasserman 2018, JASA 113:1094-1111, sections 2.2 and 5.2). It is cut at the ends of the scale.

    Args:
        minimum, maximum: of the scale, None where it has none. level: share of truths that the interval is to hold.
    """

    def __init__(self, minimum: float | None, maximum: float | None, level: float) -> None:
        self.minimum, self.maximum, self.level = minimum, maximum, level
        self._knots: NDArray[np.float64] = np.zeros(1)
        self._spreads: NDArray[np.float64] = np.ones(1)
        self.quantile = math.nan
        self.rows = 0

    def fit(self, answers: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
        """From answers [n, 1] and their truth [n]; fewer than ten rows give one spread and no interval."""
        value, error = answers[:, 0], truth - answers[:, 0]
        self.rows = len(value)
        overall = float(np.mean(error**2)) if self.rows else 1.0
        if self.rows < FEWEST:
            self._knots, self._spreads, self.quantile = (
                np.zeros(1),
                np.sqrt([max(overall, 1e-18)]),
                math.nan,
            )
            return
        order = np.argsort(value, kind="stable")
        value, squares = value[order], error[order] ** 2
        width = min(len(value), max(NEIGHBOURS, len(value) // 8))
        places = np.unique(np.linspace(0, len(value) - 1, KNOTS).round().astype(np.int64))
        starts = np.clip(places - width // 2, 0, len(value) - width)
        sums = np.concatenate([[0.0], np.cumsum(squares)])
        local = (sums[starts + width] - sums[starts] + PRIOR * overall) / (width + PRIOR)
        knots, first = np.unique(value[places], return_index=True)
        self._knots, self._spreads = knots, np.sqrt(np.maximum(local[first], 1e-18))
        scores = np.sort(np.abs(error) / self._at(answers[:, 0]))
        place = math.ceil((len(scores) + 1) * self.level) - 1
        self.quantile = float(scores[min(place, len(scores) - 1)])

    def apply(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Answers [N, 1] -> [N, 4]: number, spread, low, high."""
        value = answers[:, 0]
        spread = self._at(value)
        reach = self.quantile * spread
        low = np.maximum(value - reach, -np.inf if self.minimum is None else self.minimum)
        high = np.minimum(value + reach, np.inf if self.maximum is None else self.maximum)
        return np.stack([value, spread, low, high], axis=1)

    def state(self) -> State:
        tree: dict[str, Any] = {
            "rows": self.rows,
            "quantile": None if math.isnan(self.quantile) else self.quantile,
        }
        return State(tree=tree, arrays={"knots": self._knots, "spreads": self._spreads})

    def load(self, state: State) -> None:
        self.rows = int(state.tree["rows"])
        self.quantile = math.nan if state.tree["quantile"] is None else float(state.tree["quantile"])
        self._knots, self._spreads = state.arrays["knots"], state.arrays["spreads"]

    def _at(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.interp(value, self._knots, self._spreads)
        return result
