"""Always the most frequent class."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class Majority:
    """Gives every row the classes' shares in training, and so names the most frequent; reads no input."""

    def __init__(self, inputs: tuple[Column, ...], seed: int) -> None:
        del inputs, seed  # every baseline is built with them
        self.counts: dict[str, int] = {}

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Count the classes of both parts."""
        del train, valid
        self.counts = dict(sorted(Counter(str(label) for label in (*target, *valid_target)).items()))

    def refit(self, train: Examples, target: NDArray[np.object_]) -> Majority:
        """Another one, of these rows."""
        other = Majority((), 0)
        other.fit(train, target, train, target[:0])
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K] the training shares of `labels`; equal shares where training knew none of them."""
        counts = np.array([self.counts.get(label, 0) for label in labels], np.float64)
        shares = counts / counts.sum() if counts.sum() else np.full(len(labels), 1 / max(len(labels), 1))
        return np.tile(shares, (len(examples), 1))

    def state(self) -> State:
        return State(tree=self.counts)

    def load(self, state: State) -> None:
        self.counts = {str(label): int(count) for label, count in state.tree.items()}
