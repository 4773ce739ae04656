"""From columns of a table to two matrices, one of numbers and one of category codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.columns import Column
from vertikit.contracts import State
from vertikit.table_columns import Category, Number, Timestamp
from vertikit_plugins.portable.table import clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CODES = 200
"""Rarer categories than this many share one code: a row of each would teach nothing."""

Values = Mapping[str, Any]
"""Column name -> its values [N]: float64 with NaN for numbers and times (seconds), objects or None for categories."""


@dataclass(frozen=True)
class Matrices:
    """numbers [N, F] float64 with NaN where missing; codes [N, C] int64, 0 for missing and for what training lacks."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.int64]


class TableReading:
    """Which columns there are, and what training rows hold: categories and their codes, columns that never vary.

    A point in time is read as its hour and its day of the week; by itself it only says when the data was taken.
    """

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        """Of the numbers, in the order of the matrix."""
        self.categories: dict[str, dict[str, int]] = {}
        self._sources: list[tuple[str, str]] = []

    def fit(self, columns: Sequence[Column], values: Values) -> None:
        """Learn the codes of categories from training rows, and leave out columns that never vary there."""
        self._sources, self.categories = [], {}
        for column in columns:
            if column.name not in values:
                continue
            if isinstance(column, Category):
                place, words = _words(values[column.name])
                counts = np.bincount(place, minlength=len(words)).tolist()
                common = sorted(zip(words, counts, strict=True), key=lambda each: (-each[1], each[0]))
                kept = [word for word, count in common if word and count][:MOST_CODES]
                if len(kept) + bool(counts[-1]) > 1:
                    self.categories[column.name] = {word: code for code, word in enumerate(kept, 1)}
            elif isinstance(column, Timestamp):
                for part in ("hour", "weekday"):
                    if _varies(clock(values[column.name], part)):
                        self._sources.append((column.name, part))
            elif isinstance(column, Number) and _varies(np.asarray(values[column.name], np.float64)):
                self._sources.append((column.name, ""))
        self.names = tuple(f"{name} ({part})" if part else name for name, part in self._sources)

    def matrices(self, values: Values) -> Matrices:
        """The two matrices of any rows."""
        numbers = np.full((rows_of(values), len(self._sources)), np.nan)
        for at, column in self.numbers(values):
            numbers[:, at] = column
        return Matrices(numbers, self.codes(values))

    def numbers(self, values: Values) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """(place in the matrix, values [N]) of those numbers that the rows have, one by one."""
        for at, (name, part) in enumerate(self._sources):
            if name in values:
                column = np.asarray(values[name], np.float64)
                yield at, clock(column, part) if part else column

    def codes(self, values: Values) -> NDArray[np.int64]:
        """The codes [N, C] of the categories."""
        codes = np.zeros((rows_of(values), len(self.categories)), np.int64)
        for at, (name, known) in enumerate(self.categories.items()):
            if name in values:
                place, words = _words(values[name])
                codes[:, at] = np.array([known.get(word, 0) for word in words], np.int64)[place]
        return codes

    @property
    def columns(self) -> tuple[str, ...]:
        """What it reads."""
        return tuple(dict.fromkeys([*(name for name, _ in self._sources), *self.categories]))

    @property
    def cardinalities(self) -> list[int]:
        """How many codes each category has, 0 among them."""
        return [len(known) + 1 for known in self.categories.values()]

    def state(self) -> State:
        return State(tree={"numbers": self._sources, "categories": self.categories})

    def load(self, state: State) -> None:
        self._sources = [(str(name), str(part)) for name, part in state.tree["numbers"]]
        self.categories = {
            name: {word: int(code) for word, code in known.items()}
            for name, known in state.tree["categories"].items()
        }
        self.names = tuple(f"{name} ({part})" if part else name for name, part in self._sources)


def rows_of(values: Values) -> int:
    """N."""
    return len(values[next(iter(values))]) if len(values) else 0


def _words(values: Any) -> tuple[NDArray[np.int64], list[str]]:
    """(place [N] in the list, the distinct words and, at its end, "" for what is missing)."""
    import pandas as pd

    place, words = pd.factorize(np.asarray(values, object))
    return np.where(place < 0, len(words), place), [*map(str, words), ""]


def _varies(values: NDArray[np.float64]) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known)) and (bool((known != known[0]).any()) or len(known) < len(values))
