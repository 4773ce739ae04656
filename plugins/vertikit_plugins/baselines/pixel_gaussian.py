"""What needs no encoder to tell odd pictures: how far a coarse one lies from the sound ones' mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State
from vertikit.evaluate.conformal import Threshold
from vertikit.outcome.oddness import SOUND, with_share
from vertikit_plugins.pictures.coarse import coarse, picture_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples

SIDE = 16
OVERKILL = 0.05
"""At its own threshold; metrics that hold an overkill learn theirs."""


class PixelGaussian:
    """The Mahalanobis distance of a 16 x 16 grey picture from the mean of sound ones, under a covariance shrunk by
    Ledoit and Wolf (2004, doi:10.1016/S0047-259X(03)00096-4). The threshold is the conformal quantile on the validation
    rows, which are all sound."""

    def __init__(self, inputs: tuple[Column, ...], seed: int) -> None:
        self._columns = picture_columns(inputs, "pixel-gaussian")
        self._inputs, self.seed = inputs, seed
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._precision: NDArray[np.float64] = np.zeros((0, 0))
        self._threshold = Threshold(OVERKILL)

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Learn mean and covariance of the sound rows of `train`, and the threshold by those of `valid`, or, without
        any, by those of training."""
        self._learn(train.take(np.flatnonzero(target == SOUND)))
        judged = valid.take(np.flatnonzero(valid_target == SOUND))
        judged = judged if len(judged) else train
        self._threshold.fit(self._distances(judged)[:, None], np.zeros(len(judged)))

    def refit(self, train: Examples, target: NDArray[np.object_]) -> PixelGaussian:
        """Another one, learnt from these rows with the threshold learnt here."""
        other = PixelGaussian(self._inputs, self.seed)
        other._learn(train.take(np.flatnonzero(target == SOUND)))
        other._threshold = self._threshold
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, 2] of sound and odd; one half at the threshold."""
        del labels
        return with_share(self._threshold.apply(self._distances(examples)[:, None]))[:, :2]

    def state(self) -> State:
        return State(
            tree=self._threshold.state().tree, arrays={"mean": self._mean, "precision": self._precision}
        )

    def load(self, state: State) -> None:
        self._threshold.load(State(tree=state.tree))
        self._mean, self._precision = state.arrays["mean"], state.arrays["precision"]

    def _learn(self, sound: Examples) -> None:
        from sklearn.covariance import LedoitWolf

        pixels = coarse(sound, self._columns, SIDE).astype(np.float64)
        self._mean = pixels.mean(axis=0)
        # Pictures that are all alike have no covariance: a little noise of the sensor stands for it.
        noise = np.eye(pixels.shape[1]) * 1e-6
        self._precision = np.linalg.inv(LedoitWolf().fit(pixels).covariance_ + noise)

    def _distances(self, examples: Examples) -> NDArray[np.float64]:
        apart = coarse(examples, self._columns, SIDE) - self._mean
        found: NDArray[np.float64] = np.sqrt(
            np.maximum(np.einsum("nd,de,ne->n", apart, self._precision, apart, optimize=True), 0.0)
        )
        return found
