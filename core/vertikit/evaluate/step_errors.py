"""How far off a forecast of one number a step may be: the quantiles of its errors, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray


class StepErrors:
    """Quantiles of each step from those of the errors on rows that trained nothing, in deviations of each series.

    Answers that are quantiles already stay as they are.

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

    def fit(self, answers: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
        """From answers [n, H + 1] and truth [n, H]."""
        if not self._points(answers) or not len(answers):
            return
        error = (truth - answers[:, :-1]) / answers[:, -1:]
        there = np.isfinite(error).any(axis=0)
        found = np.nanquantile(np.where(there, error, 0.0), self._levels, axis=0).T
        # The middle of the answer is the answer.
        self._errors = found - found[:, [self._levels.index(0.5)]]

    def apply(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Answers [N, H + 1] -> [N, H x Q]."""
        if not self._points(answers):
            return answers
        found = answers[:, :-1, None] + answers[:, -1:, None] * self._errors
        return np.asarray(np.clip(found, self._low, self._high).reshape(len(answers), -1))

    def state(self) -> State:
        return State(tree={}, arrays={"errors": self._errors})

    def load(self, state: State) -> None:
        self._errors = state.arrays["errors"]

    def _points(self, answers: NDArray[np.float64]) -> bool:
        return len(self._levels) > 1 and answers.shape[1] == self._horizon + 1
