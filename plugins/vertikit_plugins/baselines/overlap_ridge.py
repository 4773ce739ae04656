"""Overlap of an answer with its reference, and its length, into a ridge regression: the trade's own first grader."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

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
SEVERAL = "|||"
"""Between references that are equally good, in one cell."""
NARROWEST = 1e-3
"""Standard deviation, in points, below which no grade is foretold more surely."""
_WORD = re.compile(r"\w{2,}")
_NEGATION = re.compile(r"\b(?:not|no|never|none|without|cannot)\b|n't\b")


class OverlapRidge:
    """Ridge regression of the grade on how much of the reference an answer repeats.

    The last input is the answer; every text before it (question, reference) is compared with it by the share of
    distinct words in common, seen from either side, the pairs of neighbouring words in common, and the cosine of
    counts of four-character pieces. Beside these stand the answer's length, the length ratio, and whether it
    negates. Overlap with the reference and length are where automated grading began (Page 1966, The Phi Delta
    Kappan 47(5):238-243; Mohler and Mihalcea 2009, EACL).

    The penalty is that of `grid` with the smallest squared error on the validation rows where there are at least 30,
    else in cross-validation inside the training rows, groups undivided. Probabilities are those of a normal
    distribution around the number foretold, as wide as the errors on rows held out, cut half-way between steps.
    """

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        self.columns = tuple(column.name for column in inputs if isinstance(column, Text))
        if len(self.columns) < 2:
            raise VertikitError(
                "baseline overlap-ridge compares two texts, and this task has one.",
                "Leave it out of the recipe's baselines.",
            )
        self._inputs, self.seed, self.grid = inputs, seed, tuple(sorted(float(each) for each in grid))
        self.penalty = float("nan")
        self.width = 1.0
        self._mean = self._scale = self._weights = np.zeros(0)
        self._start = 0.0

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Choose the penalty by `valid` (where it is too small, by cross-validation), then learn from both."""
        table, grades = self._features(train), _grades(target)
        if len(valid) >= ENOUGH_VALID:
            other = self._features(valid)
            held_out = [(table, grades, other, _grades(valid_target))]
        else:
            held_out = [
                (table[inside], grades[inside], table[outside], grades[outside])
                for inside, outside in _parts(len(table), train.group)
            ]
        errors = np.zeros(len(self.grid))
        count = sum(len(each[3]) for each in held_out)
        for known, learnt, asked, wanted in held_out:
            for place, penalty in enumerate(self.grid):
                self._learn(known, learnt, penalty)
                errors[place] += float(((self._foretell(asked) - wanted) ** 2).sum())
        chosen = int(errors.argmin())
        self.penalty = self.grid[chosen]
        if count:
            self.width = max(NARROWEST, math.sqrt(errors[chosen] / count))
        if len(valid):
            table = np.concatenate([table, self._features(valid)])
            grades = np.concatenate([grades, _grades(valid_target)])
        self._learn(table, grades, self.penalty)

    def refit(self, train: Examples, target: NDArray[np.object_]) -> OverlapRidge:
        """Another one, learnt from these rows with the penalty and the width chosen here."""
        other = OverlapRidge(self._inputs, self.seed, (self.penalty,))
        other.penalty, other.width = self.penalty, self.width
        other._learn(other._features(train), _grades(target), self.penalty)
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K] for labels that are steps of a scale in rising order."""
        from scipy.stats import norm

        steps = _grades(np.asarray(labels, object))
        if not len(examples):
            return np.zeros((0, len(labels)))
        centre = self._foretell(self._features(examples))[:, None]
        cuts = np.concatenate([[-np.inf], (steps[1:] + steps[:-1]) / 2, [np.inf]])
        result: NDArray[np.float64] = np.diff(norm.cdf(cuts[None, :], centre, self.width), axis=1)
        # Far beyond the scale every difference is rounded to 0: the end of the scale it is then.
        lost = result.sum(axis=1) < 0.5
        result[lost] = np.eye(len(labels))[np.where(centre[lost, 0] > steps[0], len(labels) - 1, 0)]
        return result

    def state(self) -> State:
        return State(
            tree={"penalty": self.penalty, "width": self.width, "start": self._start},
            arrays={"mean": self._mean, "scale": self._scale, "weights": self._weights},
        )

    def load(self, state: State) -> None:
        self.penalty, self.width = float(state.tree["penalty"]), float(state.tree["width"])
        self._start = float(state.tree["start"])
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]
        self._weights = state.arrays["weights"]

    def _learn(self, table: NDArray[np.float64], grades: NDArray[np.float64], penalty: float) -> None:
        from sklearn.linear_model import Ridge

        self._mean, spread = table.mean(axis=0), table.std(axis=0)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        model: Any = Ridge(alpha=penalty).fit((table - self._mean) / self._scale, grades)
        self._weights, self._start = np.asarray(model.coef_), float(model.intercept_)

    def _foretell(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = ((table - self._mean) / self._scale) @ self._weights + self._start
        return result

    def _features(self, examples: Examples) -> NDArray[np.float64]:
        """[N, F]: five numbers for each other text (zeros where the data has no such column), two of the answer."""
        there = examples.table.column_names
        texts = {name: examples.column(name) for name in self.columns if name in there}
        rows = []
        for at, answer in enumerate(texts[self.columns[-1]]):
            row = [
                math.log1p(len(_words(answer or ""))),
                float(bool(_NEGATION.search((answer or "").casefold()))),
            ]
            for name in self.columns[:-1]:
                row += _overlap(texts[name][at] or "", answer or "") if name in texts else [0.0] * 5
            rows.append(row)
        return np.asarray(rows, dtype=np.float64).reshape(len(rows), 2 + 5 * (len(self.columns) - 1))


def _overlap(others: str, answer: str) -> list[float]:
    """The five numbers against the text that the answer is most like."""
    return max((_compared(other, answer) for other in others.split(SEVERAL)), key=lambda found: found[3])


def _compared(other: str, answer: str) -> list[float]:
    ours, theirs = _words(answer), _words(other)
    common = len(set(ours) & set(theirs))
    pairs = set(pairwise(theirs))
    held = len(pairs & set(pairwise(ours)))
    return [
        common / max(1, len(set(theirs))),
        common / max(1, len(set(ours))),
        held / max(1, len(pairs)),
        _cosine(_pieces(other), _pieces(answer)),
        math.log((len(ours) + 1) / (len(theirs) + 1)),
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _pieces(text: str) -> Counter[str]:
    folded = " ".join(text.casefold().split())
    return Counter(folded[start : start + 4] for start in range(max(1, len(folded) - 3)))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    product = sum(count * other[piece] for piece, count in one.items())
    lengths = sum(count**2 for count in one.values()) * sum(count**2 for count in other.values())
    return product / math.sqrt(lengths) if lengths else 0.0


def _grades(values: NDArray[np.object_]) -> NDArray[np.float64]:
    try:
        return np.asarray([float(value) for value in values], dtype=np.float64)
    except ValueError:
        raise VertikitError(
            "baseline overlap-ridge needs a target whose classes are numbers.",
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
