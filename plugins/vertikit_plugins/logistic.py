"""Multinomial logistic regression on standardised numbers, and the choice of its penalty."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of C, for standardised numbers of which there may be more than rows."""
ENOUGH_VALID = 30
PARTS = 3


class Logistic:
    """Each number centred and divided by its spread, then scikit-learn's logistic regression with an L2 penalty 1 / C.

    It has learnt nothing where `classes` is empty.
    """

    def __init__(self) -> None:
        self.classes: list[str] = []
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._scale: NDArray[np.float64] = np.ones(0)
        self._weights: NDArray[np.float64] = np.zeros((0, 0))
        self._offset: NDArray[np.float64] = np.zeros(0)

    def learn(
        self, table: NDArray[np.floating[Any]], classes: NDArray[np.str_], c: float, *, balanced: bool = False
    ) -> Logistic:
        """From numbers [N, F] and classes [N] of which there are at least two; `balanced`: a rare class counts as much
        as a frequent one."""
        from sklearn.linear_model import LogisticRegression

        self._mean = table.mean(axis=0, dtype=np.float64)
        spread = table.std(axis=0, dtype=np.float64)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        model = LogisticRegression(C=c, max_iter=500, class_weight="balanced" if balanced else None)
        model.fit((table - self._mean) / self._scale, classes)
        self.classes = [str(each) for each in model.classes_]
        self._weights, self._offset = model.coef_, model.intercept_
        return self

    def logits(self, table: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """[N, K] of the K classes that it has learnt."""
        raw: NDArray[np.float64] = (table - self._mean) / self._scale @ self._weights.T + self._offset
        return np.concatenate([np.zeros_like(raw), raw], axis=1) if len(self.classes) == 2 else raw

    def probabilities(self, table: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Softmax of the logits [N, K]."""
        from scipy.special import softmax

        found: NDArray[np.float64] = softmax(self.logits(table), axis=1)
        return found

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """What it has learnt, but for the names of the classes."""
        return {
            "mean": self._mean, "scale": self._scale, "weights": self._weights, "offset": self._offset,
        }  # fmt: skip

    def take_up(self, classes: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> None:
        """What `classes` and `arrays` were."""
        self.classes = [str(each) for each in classes]
        self._mean, self._scale = arrays["mean"], arrays["scale"]
        self._weights, self._offset = arrays["weights"], arrays["offset"]


def chosen_c(
    grid: Sequence[float],
    table: NDArray[np.floating[Any]],
    classes: NDArray[np.str_],
    asked: NDArray[np.floating[Any]],
    wanted: NDArray[np.str_],
    seed: int,
    *,
    balanced: bool = False,
) -> float:
    """The C of `grid` with the least log loss on rows that were not learnt from, the smaller among equals.

    Those are the rows `asked` with the classes `wanted` where at least 30 of these are known, else each of three parts
    of `table`. Where no class has three rows it is the middle of the grid.
    """
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold

    names = sorted(set(classes.tolist()))
    known = np.isin(wanted, names)
    if known.sum() >= ENOUGH_VALID:
        parts = [(table, classes, asked[known], wanted[known])]
    else:
        if np.unique(classes, return_counts=True)[1].max() < PARTS:
            return grid[len(grid) // 2]
        with warnings.catch_warnings():
            # A class of fewer rows than parts is missing in some.
            warnings.simplefilter("ignore", UserWarning)
            folds = StratifiedKFold(PARTS, shuffle=True, random_state=seed).split(table, classes)
            parts = [(table[one], classes[one], table[two], classes[two]) for one, two in folds]
    losses = np.zeros(len(grid))
    for inside, own, outside, truth in parts:
        if len(set(own.tolist())) < 2:
            continue
        for at, c in enumerate(grid):
            model = Logistic().learn(inside, own, c, balanced=balanced)
            found = np.full((len(outside), len(names)), 1e-6)
            found[:, [names.index(each) for each in model.classes]] += model.probabilities(outside)
            losses[at] += log_loss(truth, found / found.sum(axis=1, keepdims=True), labels=names) * len(truth)
    return grid[int(losses.argmin())]
