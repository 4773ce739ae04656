"""Logistic regression on measured features of an example: what most people would try first on pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import State
from vertikit_plugins.baselines.majority import Majority
from vertikit_plugins.logistic import GRID, Logistic, chosen_c

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples


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
        self._model = Logistic()

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
            self.c = chosen_c(self.grid, table, classes, asked, wanted, self.seed)
        self._model, classes = Logistic(), np.concatenate([classes, wanted])
        if len(set(classes.tolist())) > 1 and self.c is not None:
            self._model.learn(np.concatenate([table, asked]) if len(valid) else table, classes, self.c)

    def refit(self, train: Examples, target: NDArray[np.object_]) -> FeatureLogistic:
        """Another one, learnt from these rows with the C chosen here."""
        other = type(self)(self._inputs, self.seed, self.c)
        other.fit(train, target, train.take(np.empty(0, np.int64)), target[:0])
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K]; a label that training lacked has 0."""
        if not self._model.classes or not len(examples):
            return self._shares.probabilities(examples, labels)
        found = self._model.probabilities(self.features(examples))
        result = np.zeros((len(examples), len(labels)))
        for at, label in enumerate(labels):
            if label in self._model.classes:
                result[:, at] = found[:, self._model.classes.index(label)]
        return result

    def state(self) -> State:
        tree = {"shares": self._shares.state().tree, "classes": self._model.classes, "c": self.c}
        return State(tree={**tree, **self.learnt()}, arrays=self._model.arrays())

    def load(self, state: State) -> None:
        self._shares.load(State(tree=state.tree["shares"]))
        self.c = state.tree["c"]
        self._model.take_up(state.tree["classes"], state.arrays)
        self.take_up(state.tree)

    def learnt(self) -> dict[str, Any]:
        """What `learn` found, for the state."""
        return {}

    def take_up(self, tree: Any) -> None:
        """What `learnt` gave."""
        del tree
