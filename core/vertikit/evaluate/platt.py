"""Probabilities of several findings set right, each by a line of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import State

FEWEST = 5
"""Rows with a finding, and without it, from which a line is fitted."""


class Platt:
    """Log odds a raw + b for each finding, a > 0 and b by the likelihood of rows that trained nothing (Platt 1999),
    with his targets (n + 1) / (n + 2); a finding with few rows of either kind stays as it is."""

    always = False

    def __init__(self) -> None:
        self.slope: NDArray[np.float64] = np.ones(0)
        self.offset: NDArray[np.float64] = np.zeros(0)

    def fit(self, raw: NDArray[np.float64], truth: NDArray[Any]) -> None:
        """raw [n, K], truth [n, K] with NaN where it is not known."""
        from scipy.optimize import minimize

        self.slope, self.offset = np.ones(raw.shape[1]), np.zeros(raw.shape[1])
        for at in range(raw.shape[1]):
            known = np.isfinite(truth[:, at])
            own, wanted = raw[known, at], truth[known, at]
            yes, no = int((wanted == 1).sum()), int((wanted == 0).sum())
            if min(yes, no) < FEWEST:
                continue
            soft = np.where(wanted == 1, (yes + 1) / (yes + 2), 1 / (no + 2))

            def loss(line: NDArray[np.float64], own: Any = own, soft: Any = soft) -> float:
                odds = np.exp(line[0]) * own + line[1]
                return float((np.logaddexp(0, odds) - soft * odds).mean() + 1e-3 * line[0] ** 2)

            found = minimize(loss, np.zeros(2), method="Nelder-Mead")
            self.slope[at], self.offset[at] = float(np.exp(found.x[0])), float(found.x[1])

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return raw * self.slope + self.offset if len(self.slope) else raw

    def account(self) -> dict[str, Any]:
        return {"slopes": self.slope.tolist(), "offsets": self.offset.tolist()} if len(self.slope) else {}

    def state(self) -> State:
        return State(arrays={"slope": self.slope, "offset": self.offset})

    def load(self, state: State) -> None:
        self.slope, self.offset = state.arrays["slope"], state.arrays["offset"]
