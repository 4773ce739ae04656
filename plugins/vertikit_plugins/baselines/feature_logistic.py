"""Logistic regression on measured features of an example: what most people would try first on pictures."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import State
from vertikit_plugins.baselines.majority import Majority

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples

GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of C, for standardised features of which there may be more than rows."""
ENOUGH_VALID = 30


class FeatureLogistic(ABC):
    """Standardised features into a multinomial logistic regression; C is that of `grid` with the least log loss.

    C is judged by the validation rows where there are at least 30, else in three parts of the training rows; then it
    learns from both parts. With one class it gives the shares of training.
    """

    name = "features"
    grid = GRID

    def __init__(self, inputs: tuple[Column, ...], seed: int, c: float | None = None) -> None:
        self._inputs, self.seed, self.c = inputs, seed, c
        self._shares = Majority(inputs, seed)
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._scale: NDArray[np.float64] = np.ones(0)
        self._weights: NDArray[np.float64] = np.zeros((0, 0))
        self._offset: NDArray[np.float64] = np.zeros(0)
        self._classes: list[str] = []

    @abstractmethod
    def features(self, examples: Examples) -> NDArray[np.float64]:
        """[N, F], finite."""

    def learn(self, train: Examples) -> None:
        """What has to be known of training rows before there are features; nothing here."""
        del train

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        self._shares.fit(train, target, valid, valid_target)
        self.learn(train)
        table, classes = self.features(train), target.astype(str)
        asked, wanted = self.features(valid), valid_target.astype(str)
        if len(set(classes)) > 1 and self.c is None:
            self.c = self._chosen(table, classes, asked, wanted)
        both = np.concatenate([table, asked]) if len(valid) else table
        self._learn(both, np.concatenate([classes, wanted]))

    def refit(self, train: Examples, target: NDArray[np.object_]) -> FeatureLogistic:
        """Another one, learnt from these rows with the C chosen here."""
        other = type(self)(self._inputs, self.seed, self.c)
        other.fit(train, target, train.take(np.empty(0, np.int64)), target[:0])
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K]; a label that training lacked has 0."""
        if not self._classes or not len(examples):
            return self._shares.probabilities(examples, labels)
        raw = (self.features(examples) - self._mean) / self._scale @ self._weights.T + self._offset
        if len(self._classes) == 2:
            raw = np.concatenate([np.zeros_like(raw), raw], axis=1)
        raw -= raw.max(axis=1, keepdims=True)
        found = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
        result = np.zeros((len(examples), len(labels)))
        for at, label in enumerate(labels):
            if label in self._classes:
                result[:, at] = found[:, self._classes.index(label)]
        return result

    def state(self) -> State:
        return State(
            tree={"shares": self._shares.state().tree, "classes": self._classes, "c": self.c, **self.learnt()},
            arrays={
                "mean": self._mean, "scale": self._scale, "weights": self._weights, "offset": self._offset,
            },
        )  # fmt: skip

    def load(self, state: State) -> None:
        self._shares.load(State(tree=state.tree["shares"]))
        self._classes = [str(each) for each in state.tree["classes"]]
        self.c = state.tree["c"]
        self.take_up(state.tree)
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]
        self._weights, self._offset = state.arrays["weights"], state.arrays["offset"]

    def learnt(self) -> dict[str, Any]:
        """What `learn` found, for the state."""
        return {}

    def take_up(self, tree: Any) -> None:
        """What `learnt` gave."""
        del tree

    def _learn(self, table: NDArray[np.float64], classes: NDArray[np.str_]) -> None:
        self._classes = []
        if len(set(classes.tolist())) < 2 or self.c is None:
            return
        self._mean = table.mean(axis=0)
        spread = table.std(axis=0)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        model = _regression(self.c).fit((table - self._mean) / self._scale, classes)
        self._classes = [str(each) for each in model.classes_]
        self._weights, self._offset = model.coef_, model.intercept_

    def _chosen(
        self,
        table: NDArray[np.float64],
        classes: NDArray[np.str_],
        asked: NDArray[np.float64],
        wanted: NDArray[np.str_],
    ) -> float:
        """The C with the least log loss on rows that it has not learnt from, the smaller among equals."""
        from sklearn.metrics import log_loss
        from sklearn.model_selection import StratifiedKFold

        names = sorted(set(classes.tolist()))
        known = np.isin(wanted, names)
        if known.sum() >= ENOUGH_VALID:
            parts = [(table, classes, asked[known], wanted[known])]
        else:
            if np.unique(classes, return_counts=True)[1].max() < 3:
                return self.grid[len(self.grid) // 2]
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", UserWarning
                )  # a class of fewer rows than parts is missing in some
                folds = StratifiedKFold(3, shuffle=True, random_state=self.seed).split(table, classes)
                parts = [(table[one], classes[one], table[two], classes[two]) for one, two in folds]
        losses = np.zeros(len(self.grid))
        for inside, own, outside, truth in parts:
            if len(set(own.tolist())) < 2:
                continue
            mean, spread = inside.mean(axis=0), inside.std(axis=0)
            scale = np.where(spread > 1e-9, spread, 1.0)
            for at, c in enumerate(self.grid):
                model = _regression(c).fit((inside - mean) / scale, own)
                found = np.full((len(outside), len(names)), 1e-6)
                found[:, [names.index(str(each)) for each in model.classes_]] += model.predict_proba(
                    (outside - mean) / scale
                )
                losses[at] += log_loss(truth, found / found.sum(axis=1, keepdims=True), labels=names) * len(
                    truth
                )
        return self.grid[int(losses.argmin())]


def _regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=500)
