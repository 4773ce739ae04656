"""A threshold on scores of sound examples that a stated share of new sound ones does not go beyond."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST = 1e-12
APART = 3.0
"""How many spreads beyond sound examples odd ones are taken to lie, so that log odds rise by as many with each spread
(two normal distributions of one width). What odd ones are like is not known: this is a convention, and no probability.
"""
NARROWEST = 0.02
"""Of the spread of log scores: where all sound ones score the same, no step is infinitely steep."""


class Threshold:
    """The conformal quantile of n scores of sound examples that trained nothing: the k-th smallest, k = ceil((n + 1)
    (1 - overkill)). A new sound example, exchangeable with them, scores higher with a probability of no more than
    `overkill` (Vovk, Gammerman and Shafer 2005; Laxhammar and Falkman 2010). With fewer than 1 / overkill - 1 examples
    it is the highest score, and the share is 1 / (n + 1) at most.

    `apply` gives log odds that rise with the score and are 0 at the threshold: the distance of the logarithms, in
    standard deviations of those of sound examples, times `APART`.
    """

    always = True

    def __init__(self, overkill: float) -> None:
        self.overkill = overkill
        self.threshold, self.spread, self.rows = 1.0, 1.0, 0

    def fit(self, raw: NDArray[np.float64], truth: NDArray[Any]) -> None:
        """Scores [n, 1] at or above 0 and truths [n], 0 for sound; others are left out. VertikitError for outputs that
        are not numbers, or without a sound example."""
        scores = np.sort(np.asarray(raw, np.float64)[np.asarray(truth) == 0, 0])
        if not len(scores) or not np.isfinite(scores).all():
            what = "are not numbers" if len(scores) else "are missing"
            raise VertikitError(
                f"the scores of held-out sound examples {what}, so no threshold can be learnt.",
                "Give more sound examples, or another head.",
            )
        self.rows = len(scores)
        self.threshold = max(float(scores[_place(self.rows, self.overkill) - 1]), SMALLEST)
        self.spread = max(float(np.log(np.maximum(scores, SMALLEST)).std()), NARROWEST)

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores [N, 1] -> (log odds, score) [N, 2]."""
        score = np.asarray(raw, np.float64)[:, 0]
        apart = np.log(np.maximum(score, SMALLEST)) - math.log(self.threshold)
        return np.column_stack([APART * apart / self.spread, score])

    def account(self) -> dict[str, Any]:
        return {
            "method": "conformal", "threshold": self.threshold, "overkill": self.overkill, "rows": self.rows,
            "holds": _place(self.rows, self.overkill) < self.rows + 1 and self.rows + 1 >= 1 / self.overkill,
        }  # fmt: skip

    def state(self) -> State:
        return State(tree={"threshold": self.threshold, "spread": self.spread, "rows": self.rows})

    def load(self, state: State) -> None:
        self.threshold, self.spread = float(state.tree["threshold"]), float(state.tree["spread"])
        self.rows = int(state.tree["rows"])


def _place(rows: int, overkill: float) -> int:
    """Which of the scores in rising order, from 1."""
    return min(rows, math.ceil((rows + 1) * (1 - overkill) - 1e-9))
