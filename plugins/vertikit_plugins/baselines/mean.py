"""Always the mean of the training numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class Mean:
    """Gives every row the mean of training, which no other constant beats in squared error; reads no input."""

    def __init__(self, inputs: tuple[Column, ...], seed: int) -> None:
        del inputs, seed  # every baseline is built with them
        self.mean = 0.0

    def fit(self, train: Examples, target: NDArray[Any], valid: Examples, valid_target: NDArray[Any]) -> None:
        """Of the numbers of both parts."""
        del train, valid
        both = np.concatenate([target, valid_target]).astype(np.float64)
        self.mean = float(both.mean()) if len(both) else 0.0

    def refit(self, train: Examples, target: NDArray[Any]) -> Mean:
        """Another one, of these rows."""
        other = Mean((), 0)
        other.fit(train, target, train, target[:0])
        return other

    def numbers(self, examples: Examples) -> NDArray[np.float64]:
        """[N], all the same."""
        return np.full(len(examples), self.mean)

    def state(self) -> State:
        return State(tree={"mean": self.mean})

    def load(self, state: State) -> None:
        self.mean = float(state.tree["mean"])
