"""A model's answer and a baseline's in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.contracts import Baseline
    from vertikit.examples import Examples
    from vertikit.outcome import Outcome, Pool

HIGHEST = 20.0
FLOOR = 0.01
"""Share of every answer that is spread over all classes: a class that one side never saw is not ruled out."""


class LogPool:
    """The logarithmic opinion pool p(k) ~ p_model(k)^a p_other(k)^b, a and b >= 0, fitted on rows that trained neither.

    Genest and Zidek 1986, Combining Probability Distributions (Statistical Science 1:114-135), with weights by
    maximum likelihood. A weight of 0 leaves a side out; unfitted, the model alone speaks.
    """

    how = "the logarithms of their probabilities are added"

    def __init__(self) -> None:
        self.weights = (1.0, 0.0)
        self.rows = 0

    def fit(self, own: NDArray[np.float64], other: NDArray[np.float64], truth: NDArray[Any]) -> None:
        """Weights in [0, 20] from two tables of probabilities [n, K] and the true classes [n].

        The true class counts (n + 1) / (n + 2), as Platt (1999) has it, so that a flawless pool stays finite.
        """
        from scipy.optimize import minimize

        rows, classes = own.shape
        self.rows = rows
        if not rows or classes < 2:
            return
        sides = np.stack([_logs(own), _logs(other)])
        wanted = np.full((rows, classes), 1.0 / (rows + 2) / (classes - 1))
        wanted[np.arange(rows), truth] = (rows + 1.0) / (rows + 2)

        def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            logs = np.tensordot(weights, sides, axes=1)
            logs -= logs.max(axis=1, keepdims=True)
            logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
            slope = ((np.exp(logs) - wanted) * sides).sum(axis=(1, 2)) / rows
            return float(-(wanted * logs).sum() / rows), slope

        found = minimize(loss, np.array([0.5, 0.5]), jac=True, bounds=[(0.0, HIGHEST)] * 2, method="L-BFGS-B")
        self.weights = (float(found.x[0]), float(found.x[1]))

    def apply(self, own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities [N, K] of both sides -> [N, K]."""
        from scipy.special import softmax

        logs = self.weights[0] * _logs(own) + self.weights[1] * _logs(other)
        result: NDArray[np.float64] = softmax(logs, axis=1)
        return result

    def state(self) -> State:
        return State(tree={"weights": list(self.weights), "rows": self.rows})

    def load(self, state: State) -> None:
        model, other = state.tree["weights"]
        self.weights, self.rows = (float(model), float(other)), int(state.tree["rows"])


class FindingsPool(LogPool):
    """The same of several findings, each yes or no: one pair of weights for all, fitted on what is known of them."""

    def fit(self, own: NDArray[np.float64], other: NDArray[np.float64], truth: NDArray[Any]) -> None:
        """Weights from two tables of probabilities [n, K] and the truth [n, K], NaN where it is not known."""
        known = np.isfinite(truth)
        no = (truth[known] <= 0.5).astype(np.int64)
        super().fit(_yes_and_no(own[known]), _yes_and_no(other[known]), no)
        self.rows = int(known.any(axis=1).sum())

    def apply(self, own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities [N, K] of both sides -> [N, K]."""
        found = super().apply(_yes_and_no(own.ravel()), _yes_and_no(other.ravel()))
        return found[:, 0].reshape(own.shape)


def _yes_and_no(yes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([yes, 1 - yes], axis=1)


def _logs(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    classes = probabilities.shape[1]
    result: NDArray[np.float64] = np.log((1 - FLOOR) * probabilities + FLOOR / classes)
    return result


class LinearPool:
    """The weighted mean w x + (1 - w) y of two numbers, w from 0 to 1, fitted on rows that trained neither.

    w by least squares (Bates and Granger 1969, The Combination of Forecasts, Operational Research Quarterly 20:451-468,
    with weights held within 0 and 1). Weights that need not sum to 1, and a constant, fit those rows better, and others
    worse where the rows are few or of other groups. Unfitted, the model alone speaks.

    Args:
        minimum, maximum: of the scale, None where it has none.
    """

    how = "their weighted mean is taken"

    def __init__(self, minimum: float | None = None, maximum: float | None = None) -> None:
        self.minimum, self.maximum = minimum, maximum
        self.weights = (1.0, 0.0)
        self.rows = 0

    def fit(self, own: NDArray[np.float64], other: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
        """From two tables of numbers [n, 1] and the truth [n]."""
        self.rows = len(truth)
        apart = own[:, 0] - other[:, 0]
        spread = float((apart**2).sum())
        if self.rows < 3 or spread < 1e-18:
            return
        share = min(1.0, max(0.0, float((apart * (truth - other[:, 0])).sum()) / spread))
        self.weights = (share, 1.0 - share)

    def apply(self, own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers [N, 1] of both sides -> [N, 1]."""
        return np.clip(
            self.weights[0] * own + self.weights[1] * other,
            -np.inf if self.minimum is None else self.minimum,
            np.inf if self.maximum is None else self.maximum,
        )

    def state(self) -> State:
        return State(tree={"weights": list(self.weights), "rows": self.rows})

    def load(self, state: State) -> None:
        model, other = state.tree["weights"]
        self.weights, self.rows = (float(model), float(other)), int(state.tree["rows"])


@dataclass
class Blend:
    """A baseline that answers beside the model, and how much each has to say.

    Args:
        name: of the baseline, as registered.
    """

    name: str
    baseline: Baseline
    pool: Pool

    def apply(self, own: NDArray[np.float64], examples: Examples, outcome: Outcome) -> NDArray[np.float64]:
        """The model's calibrated answers [N, A] -> the blend's."""
        return self.pool.apply(own, outcome.asked(self.name, self.baseline, examples))

    def account(self) -> dict[str, Any]:
        """The key "blend" of metrics.json."""
        model, beside = self.pool.weights
        return {
            "with": self.name,
            "weights": {"model": model, self.name: beside},
            "rows": self.pool.rows,
            "how": self.pool.how,
        }

    def told(self) -> str:
        """A line for the user."""
        model, beside = self.pool.weights
        return (
            f"blend: the model with weight {model:.2f} and {self.name} with {beside:.2f}, weighed on "
            f"{self.pool.rows:,} rows that trained neither"
        )
