"""What needs no encoder: logistic regression on the pixels of small grey pictures."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State
from vertikit_plugins.baselines.majority import Majority
from vertikit_plugins.pictures.coarse import coarse, picture_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples

SIDE = 32
GRID = (1e-4, 1e-3, 1e-2, 1e-1)
ENOUGH_VALID = 30


class PixelsLogistic:
    """Logistic regression on 32 x 32 grey pixels, each centred and scaled by training; no model of pictures is needed.

    The strength of its L2 penalty is chosen by log loss on the validation rows, where these are at least 30; then it
    learns from training and validation rows.
    """

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        self._columns = picture_columns(inputs, "pixels-logistic")
        self._inputs, self.seed, self.grid = inputs, seed, grid
        self.c = grid[len(grid) // 2]
        self._shares = Majority(inputs, seed)
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._scale: NDArray[np.float64] = np.ones(0)
        self._model: Any = None

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Choose the penalty by `valid`, then learn from both parts; with one class it is Majority."""
        from sklearn.metrics import log_loss

        self._shares.fit(train, target, valid, valid_target)
        own, asked = self._pixels(train), self._pixels(valid)
        classes, wanted = target.astype(str), valid_target.astype(str)
        if len(self.grid) > 1 and len(valid) >= ENOUGH_VALID and len(set(classes)) > 1:
            labels = sorted({*classes, *wanted})
            losses = []
            for c in self.grid:
                self._learn(own, classes, c)
                losses.append(log_loss(wanted, self._found(asked, tuple(labels)), labels=labels))
            self.c = self.grid[int(np.argmin(losses))]
        self._learn(np.concatenate([own, asked]), np.concatenate([classes, wanted]), self.c)

    def refit(self, train: Examples, target: NDArray[np.object_]) -> PixelsLogistic:
        """Another one, learnt from these rows with the penalty chosen here."""
        other = PixelsLogistic(self._inputs, self.seed, (self.c,))
        other.fit(train, target, train.take(np.empty(0, np.int64)), target[:0])
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K]; a label that training did not know has probability 0."""
        if self._model is None:
            return self._shares.probabilities(examples, labels)
        return self._found(self._pixels(examples), labels)

    def state(self) -> State:
        tree = {"shares": self._shares.state().tree, "c": self.c}
        if self._model is None:
            return State(tree=tree)
        return State(
            tree={**tree, "classes": [str(label) for label in self._model.classes_]},
            arrays={
                "mean": self._mean, "scale": self._scale,
                "coefficients": self._model.coef_, "intercepts": self._model.intercept_,
            },
        )  # fmt: skip

    def load(self, state: State) -> None:
        self._shares.load(State(tree=state.tree["shares"]))
        self.c, self._model = float(state.tree["c"]), None
        if "classes" not in state.tree:
            return
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]
        self._model = _regression(self.c)
        self._model.classes_ = np.array(state.tree["classes"])
        self._model.coef_, self._model.intercept_ = state.arrays["coefficients"], state.arrays["intercepts"]
        self._model.n_features_in_ = self._model.coef_.shape[1]

    def _pixels(self, examples: Examples) -> NDArray[np.float64]:
        return coarse(examples, self._columns, SIDE).astype(np.float64)

    def _learn(self, pixels: NDArray[np.float64], classes: NDArray[np.str_], c: float) -> None:
        self._model = None
        if len(set(classes)) < 2:
            return
        self._mean = pixels.mean(axis=0)
        spread = pixels.std(axis=0)
        self._scale = np.where(spread > 1e-6, spread, 1.0)
        self._model = _regression(c)
        with warnings.catch_warnings():
            # A search that stops a little early is an honest baseline all the same.
            warnings.simplefilter("ignore")
            self._model.fit((pixels - self._mean) / self._scale, classes)

    def _found(self, pixels: NDArray[np.float64], labels: tuple[str, ...]) -> NDArray[np.float64]:
        table = np.zeros((len(pixels), len(labels)))
        if len(pixels):
            found = self._model.predict_proba((pixels - self._mean) / self._scale)
            place = {str(label): at for at, label in enumerate(self._model.classes_)}
            for at, label in enumerate(labels):
                if label in place:
                    table[:, at] = found[:, place[label]]
        return table


def _regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=300)
