"""Ridge regression of a number, or of steps of a scale read as numbers: what baselines on text features share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from vertikit.columns import Text
from vertikit.contracts import State
from vertikit.errors import VertikitError
from vertikit.evaluate.resampling import group_codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices

GRID = (0.1, 1.0, 10.0, 100.0)
ENOUGH_VALID = 30
PARTS = 5
NARROWEST = 1e-3
"""Standard deviation, in points, below which no grade is foretold more surely."""


class Ridge(ABC):
    """Ridge regression on features that a subclass gives.

    The penalty is that of `grid` with the smallest squared error on the validation rows where there are at least 30,
    else in cross-validation inside the training rows, groups undivided. Where the target is of classes, probabilities
    are those of a normal distribution around the number foretold, as wide as the errors on rows held out, cut half-way
    between steps.
    """

    name = ""
    """As registered, for messages."""

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        self.columns = tuple(column.name for column in inputs if isinstance(column, Text))
        self._inputs, self.seed, self.grid = inputs, seed, tuple(sorted(float(each) for each in grid))
        self.penalty = float("nan")
        self.width = 1.0
        self._weights = np.zeros(0)
        self._start = 0.0

    @abstractmethod
    def _prepare(self, examples: Examples) -> Any:
        """Learn what the features need of these training rows, and give those features [n, F]."""

    @abstractmethod
    def _table(self, examples: Examples) -> Any:
        """Features [N, F]."""

    def fit(self, train: Examples, target: NDArray[Any], valid: Examples, valid_target: NDArray[Any]) -> None:
        """Choose the penalty by `valid` (where it is too small, by cross-validation), then learn from both."""
        grades = _numbers(self.name, target)
        held_out = [
            (train.take(inside), grades[inside], train.take(outside), grades[outside])
            for inside, outside in (_parts(len(train), train.group) if len(valid) < ENOUGH_VALID else ())
        ]
        if len(valid) >= ENOUGH_VALID:
            held_out = [(train, grades, valid, _numbers(self.name, valid_target))]
        errors = np.zeros(len(self.grid))
        count = sum(len(each[3]) for each in held_out)
        for known, learnt, asked, wanted in held_out:
            table, other = self._prepare(known), self._table(asked)
            for place, penalty in enumerate(self.grid):
                self._learn(table, learnt, penalty)
                errors[place] += float(((other @ self._weights + self._start - wanted) ** 2).sum())
        chosen = int(errors.argmin())
        self.penalty = self.grid[chosen]
        if count:
            self.width = max(NARROWEST, math.sqrt(errors[chosen] / count))
        if len(valid):
            from vertikit_plugins.baselines.joining import joined

            train = joined(train, valid)
            grades = np.concatenate([grades, _numbers(self.name, valid_target)])
        self._learn(self._prepare(train), grades, self.penalty)

    def refit(self, train: Examples, target: NDArray[Any]) -> Self:
        """Another one, learnt from these rows with the penalty and the width chosen here."""
        other = type(self)(self._inputs, self.seed, (self.penalty,))
        other.penalty, other.width = self.penalty, self.width
        other._learn(other._prepare(train), _numbers(self.name, target), self.penalty)
        return other

    def numbers(self, examples: Examples) -> NDArray[np.float64]:
        """[N], where the target is a number."""
        if not len(examples):
            return np.zeros(0)
        result: NDArray[np.float64] = np.asarray(self._table(examples) @ self._weights + self._start)
        return result

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K] for labels that are steps of a scale in rising order."""
        from scipy.stats import norm

        steps = _numbers(self.name, np.asarray(labels, object))
        if not len(examples):
            return np.zeros((0, len(labels)))
        centre = self.numbers(examples)[:, None]
        cuts = np.concatenate([[-np.inf], (steps[1:] + steps[:-1]) / 2, [np.inf]])
        result: NDArray[np.float64] = np.diff(norm.cdf(cuts[None, :], centre, self.width), axis=1)
        # Far beyond the scale every difference is rounded to 0: the end of the scale it is then.
        lost = result.sum(axis=1) < 0.5
        result[lost] = np.eye(len(labels))[np.where(centre[lost, 0] > steps[0], len(labels) - 1, 0)]
        return result

    def state(self) -> State:
        return State(
            tree={"penalty": self.penalty, "width": self.width, "start": self._start},
            arrays={"weights": self._weights},
        )

    def load(self, state: State) -> None:
        self.penalty, self.width = float(state.tree["penalty"]), float(state.tree["width"])
        self._start = float(state.tree["start"])
        self._weights = state.arrays["weights"]

    def _learn(self, table: Any, grades: NDArray[np.float64], penalty: float) -> None:
        from sklearn.linear_model import Ridge as LinearRidge

        model: Any = LinearRidge(alpha=penalty).fit(table, grades)
        self._weights, self._start = np.asarray(model.coef_), float(model.intercept_)


def _numbers(name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    try:
        return np.asarray([float(value) for value in values], dtype=np.float64)
    except ValueError:
        raise VertikitError(
            f"baseline {name} needs a target whose classes are numbers.",
            "Leave it out of the recipe's baselines.",
        ) from None


def _parts(count: int, groups: NDArray[np.object_] | None) -> list[tuple[Indices, Indices]]:
    """Parts for cross-validation; none where there are too few rows or groups."""
    from sklearn.model_selection import GroupKFold

    units = np.arange(count) if groups is None else group_codes(groups)
    distinct = len(np.unique(units))
    if distinct < 2:
        return []
    return list(GroupKFold(min(PARTS, distinct)).split(np.zeros(count), groups=units))
