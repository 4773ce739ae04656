"""Overlap of an answer with its reference, and its length, into a ridge regression: the trade's own first grader."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State
from vertikit.errors import VertikitError
from vertikit_plugins.baselines.ridge import GRID, Ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples

SEVERAL = "|||"
"""Between references that are equally good, in one cell."""
_WORD = re.compile(r"\w{2,}")
_NEGATION = re.compile(r"\b(?:not|no|never|none|without|cannot)\b|n't\b")


class OverlapRidge(Ridge):
    """Ridge regression of the grade on how much of the reference an answer repeats.

    The last input is the answer; every text before it (question, reference) is compared with it by the share of
    distinct words in common, seen from either side, the pairs of neighbouring words in common, and the cosine of
    counts of four-character pieces. Beside these stand the answer's length, the length ratio, and whether it
    negates. Overlap with the reference and length are where automated grading began (Page 1966, The Phi Delta
    Kappan 47(5):238-243; Mohler and Mihalcea 2009, EACL).
    """

    name = "overlap-ridge"

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        super().__init__(inputs, seed, grid)
        if len(self.columns) < 2:
            raise VertikitError(
                "baseline overlap-ridge compares two texts, and this task has one.",
                "Leave it out of the recipe's baselines.",
            )
        self._mean = self._scale = np.zeros(0)

    def state(self) -> State:
        inner = super().state()
        return State(tree=inner.tree, arrays={**inner.arrays, "mean": self._mean, "scale": self._scale})

    def load(self, state: State) -> None:
        super().load(state)
        self._mean, self._scale = state.arrays["mean"], state.arrays["scale"]

    def _prepare(self, examples: Examples) -> NDArray[np.float64]:
        table = self._features(examples)
        self._mean, spread = table.mean(axis=0), table.std(axis=0)
        self._scale = np.where(spread > 1e-9, spread, 1.0)
        return (table - self._mean) / self._scale

    def _table(self, examples: Examples) -> NDArray[np.float64]:
        return (self._features(examples) - self._mean) / self._scale

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
