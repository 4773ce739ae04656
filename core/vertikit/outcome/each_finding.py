"""A baseline of two classes for each of several findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Baseline, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples

NO, YES = "no", "yes"


class EachFinding:
    """`vertikit.contracts.Baseline` made of others: each learns one finding, from the rows where it is known.

    Args:
        labels: the findings. make: an unfitted baseline.
    """

    def __init__(self, labels: Sequence[str], make: Callable[[], Baseline]) -> None:
        self.labels = tuple(labels)
        self._each = {name: make() for name in self.labels}

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        for name, baseline in self._each.items():
            own, classes = _known(target, name)
            held, wanted = _known(valid_target, name)
            baseline.fit(train.take(own), classes, valid.take(held), wanted)

    def refit(self, train: Examples, target: NDArray[np.object_]) -> EachFinding:
        other = EachFinding((), lambda: next(iter(self._each.values())))
        other.labels = self.labels
        other._each = {}
        for name, baseline in self._each.items():
            own, classes = _known(target, name)
            other._each[name] = baseline.refit(train.take(own), classes)
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K] of each finding by itself."""
        return np.stack(
            [self._each[name].probabilities(examples, (NO, YES))[:, 1] for name in labels], axis=1
        )

    def numbers(self, examples: Examples) -> NDArray[np.float64]:
        raise NotImplementedError("findings are no numbers")

    def state(self) -> State:
        states = [self._each[name].state() for name in self.labels]
        return State(
            tree=[each.tree for each in states],
            arrays={
                f"{at}.{name}": array for at, each in enumerate(states) for name, array in each.arrays.items()
            },
            blobs={
                f"{at}.{name}": blob for at, each in enumerate(states) for name, blob in each.blobs.items()
            },
        )

    def load(self, state: State) -> None:
        for at, name in enumerate(self.labels):
            own = State(state.tree[at], _of(state.arrays, at), _of(state.blobs, at))
            self._each[name].load(own)


def _of(named: Any, at: int) -> dict[str, Any]:
    return {
        name.partition(".")[2]: value for name, value in named.items() if name.partition(".")[0] == str(at)
    }


def _known(target: NDArray[np.object_], name: str) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """(positions where the finding is known, "yes" or "no" at each)."""
    from vertikit.outcome.findings import matrix

    column = matrix(list(target), (name,))[:, 0] if len(target) else np.empty(0)
    own = np.flatnonzero(np.isfinite(column)).astype(np.int64)
    classes = np.empty(len(own), object)
    classes[:] = [YES if value else NO for value in column[own].tolist()]
    return own, classes
