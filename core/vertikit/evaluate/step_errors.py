"""How far off a forecast of one number a step may be: the quantiles of its errors, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray


TINY = 1e-12
FEWEST = 100
"""Steps, for a factor to be learnt of them."""
MOST = 20.0
"""Of a factor."""


class StepErrors:
    """Quantiles of each step, set by the errors on rows that trained nothing.

    Answers of a number a step get the quantiles of these errors, step by step, in deviations of each series. Of answers
    that are quantiles already, the distances from the median are stretched, for each pair of levels that lie alike
    about it by the one factor with which their interval would have held as often as it says: conformalised quantile
    regression (Romano, Patterson and Candes 2019, NeurIPS 32), by factors, since series differ in scale.

    Args:
        horizon: H. levels: of the quantiles. minimum, maximum: what no answer goes beyond.
    """

    def __init__(
        self, horizon: int, levels: Sequence[float], minimum: float | None, maximum: float | None
    ) -> None:
        self._horizon, self._levels = horizon, tuple(levels)
        self._low = -np.inf if minimum is None else minimum
        self._high = np.inf if maximum is None else maximum
        self._errors = np.zeros((horizon, len(self._levels)))
        self._factors = np.ones(len(self._levels))

    def fit(self, answers: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
        """From answers [n, H + 1] or [n, H x Q], and truth [n, H]."""
        if not len(answers) or len(self._levels) == 1:
            return
        if not self._points(answers):
            self._factors = self._stretched(answers.reshape(len(answers), self._horizon, -1), truth)
            return
        error = (truth - answers[:, :-1]) / answers[:, -1:]
        there = np.isfinite(error).any(axis=0)
        found = np.nanquantile(np.where(there, error, 0.0), self._levels, axis=0).T
        # The middle of the answer is the answer.
        self._errors = found - found[:, [self._levels.index(0.5)]]

    def apply(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Answers [N, H + 1] or [N, H x Q] -> [N, H x Q]."""
        if not self._points(answers):
            found = answers.reshape(len(answers), self._horizon, len(self._levels))
            middle = found[:, :, [self._levels.index(0.5)]]
            wide = np.sort(middle + (found - middle) * self._factors, axis=2)
            return np.asarray(np.clip(wide, self._low, self._high).reshape(answers.shape))
        found = answers[:, :-1, None] + answers[:, -1:, None] * self._errors
        return np.asarray(
            np.clip(found, self._low, self._high).reshape(len(answers), self._horizon * len(self._levels))
        )

    def state(self) -> State:
        return State(tree={}, arrays={"errors": self._errors, "factors": self._factors})

    def load(self, state: State) -> None:
        self._errors, self._factors = state.arrays["errors"], state.arrays["factors"]

    def _stretched(self, answers: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
        """[Q] by what the distance of each quantile from the median is multiplied; 1 where a level has no partner."""
        factors = np.ones(len(self._levels))
        middle = answers[:, :, self._levels.index(0.5)]
        for low, level in enumerate(self._levels):
            high = next((at for at, each in enumerate(self._levels) if abs(each - (1 - level)) < 1e-9), None)
            if level >= 0.5 or high is None:
                continue
            below = np.maximum(middle - answers[:, :, low], TINY)
            above = np.maximum(answers[:, :, high] - middle, TINY)
            beyond = np.maximum((middle - truth) / below, (truth - middle) / above)
            known = beyond[np.isfinite(beyond)]
            if len(known) >= FEWEST:
                factor = float(np.quantile(known, self._levels[high] - level))
                factors[[low, high]] = min(max(factor, 1 / MOST), MOST)
        return factors

    def _points(self, answers: NDArray[np.float64]) -> bool:
        return len(self._levels) > 1 and answers.shape[1] == self._horizon + 1
