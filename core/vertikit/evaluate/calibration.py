"""Raw outputs set right: one temperature for a classifier."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOWEST, HIGHEST = 0.05, 20.0


class AsItIs:
    """Leaves raw outputs as they are."""

    always = False

    def fit(self, raw: NDArray[np.float64], truth: NDArray[Any]) -> None:
        """Nothing to learn."""

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw outputs [N, K]."""
        return raw

    def account(self) -> dict[str, Any]:
        """Nothing to tell."""
        return {}

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""


class Temperature:
    """Temperature scaling: probabilities are softmax(raw / T), T > 0 fitted on rows that trained nothing.

    Guo, Pleiss, Sun and Weinberger 2017, On Calibration of Modern Neural Networks (arXiv:1706.04599).
    The order of the classes never changes. Unfitted, T is 1.
    """

    always = False

    def __init__(self) -> None:
        self.temperature = 1.0
        self.rows = 0

    def fit(self, raw: NDArray[np.float64], truth_index: NDArray[np.int64]) -> None:
        """Minimise the negative log likelihood of the true classes [n] over log T, T in [0.05, 20].

        Where every row is right, the likelihood grows for ever as T falls, and the rows cannot say how
        sure is too sure. The targets are then smoothed as Platt (1999) does: the true class has
        (n + 1) / (n + 2), the others share the rest. Rows whose class is unknown (index < 0) are left
        out; without rows, or with one class, T is 1. VertikitError for outputs that are not numbers.
        """
        from scipy.optimize import minimize_scalar

        known = np.asarray(truth_index) >= 0
        logits, truth = np.asarray(raw, np.float64)[known], np.asarray(truth_index, np.int64)[known]
        if not np.isfinite(logits).all():
            raise VertikitError(
                "the model's outputs on the calibration rows are not numbers: training has diverged.",
                "Train again with a lower optimiser.rate.",
            )
        self.temperature, self.rows = 1.0, len(truth)
        if not len(truth) or logits.shape[1] < 2:
            return
        logits = logits - logits.max(axis=1, keepdims=True)
        smoothing = 1.0 / (len(truth) + 2) if bool((logits.argmax(axis=1) == truth).all()) else 0.0
        others = logits.shape[1] - 1
        of_truth = logits[np.arange(len(truth)), truth]
        of_others = (logits.sum(axis=1) - of_truth) / others
        expected = float(((1 - smoothing) * of_truth + smoothing * of_others).mean())

        def loss(log_temperature: float) -> float:
            scale = math.exp(-log_temperature)
            normaliser = np.log(np.exp(logits * scale).sum(axis=1)).mean()
            return float(normaliser) - expected * scale

        found = minimize_scalar(
            loss, bounds=(math.log(LOWEST), math.log(HIGHEST)), method="bounded", options={"xatol": 1e-6}
        )
        # Equal outputs for all classes leave the loss flat: any T is as good, and 1 changes nothing.
        if loss(float(found.x)) < loss(0.0):
            self.temperature = math.exp(float(found.x))

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw outputs [N, K], divided by T."""
        result: NDArray[np.float64] = np.asarray(raw, np.float64) / self.temperature
        return result

    def account(self) -> dict[str, Any]:
        """For the key "calibration" of metrics.json."""
        return {"temperature": self.temperature}

    def state(self) -> State:
        return State(tree={"temperature": self.temperature, "rows": self.rows})

    def load(self, state: State) -> None:
        self.temperature, self.rows = float(state.tree["temperature"]), int(state.tree["rows"])
