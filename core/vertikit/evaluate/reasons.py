"""What in a row spoke for its answer: each column in turn as it usually is, and how much that takes away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.table_values import table_values
from vertikit.columns import Column
from vertikit.contracts import State
from vertikit.examples import in_memory
from vertikit.table_columns import Category, Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples

MOST = 4
"""Reasons that are named: more are not likely to be of help (Regulation B, commentary on 12 CFR 1002.9(b)(2))."""
LEAST = 0.02
"""Share of a row's score that a column takes away for it to be a reason."""
TRIED = 12
"""Columns, or sensors with all that is computed of them, that are tried for a row."""
ASKED_AT_ONCE = 50_000
"""Altered rows that the model answers together."""
MOST_KINDS = 200
"""Kinds of a category whose share of the training rows is kept."""
LEVELS = np.linspace(0, 1, 101)


class Usual:
    """What columns of a table usually hold, learnt from training rows; `unit` is the plural of what a row is."""

    def __init__(self, unit: str = "rows") -> None:
        self._unit = unit
        self._quantiles: dict[str, list[float]] = {}
        self._common: dict[str, str] = {}
        self._shares: dict[str, dict[str, float]] = {}
        self._words: dict[str, str] = {}
        self._says: dict[str, str] = {}
        self._of: dict[str, str] = {}

    def fit(self, columns: Sequence[Column], train: Examples) -> None:
        """Quantiles of numbers, the commonest of categories."""
        for name, values in table_values(columns, train).items():
            column = next(each for each in columns if each.name == name)
            self._words[name] = column.help.partition(";")[0] or name
            if isinstance(column, Number):
                self._of |= {name: column.of} if column.of else {}
                self._says |= {name: column.says} if column.says else {}
            if isinstance(column, Category):
                counts = Counter(str(each) for each in values if each is not None)
                if counts:
                    commonest = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_KINDS]
                    self._common[name] = commonest[0][0]
                    self._shares[name] = {kind: count / len(values) for kind, count in commonest}
            elif isinstance(column, Number) and np.isfinite(values).any():
                self._quantiles[name] = [float(each) for each in np.nanquantile(values, LEVELS)]

    def reasons(self, examples: Examples, score: Callable[[Examples], NDArray[np.float64]]) -> list[str]:
        """A sentence for each example [N], "" where no column stands out.

        `score` gives [N] what is to be explained: a column is a reason where the score falls when its value is as
        usual (the training rows' median, or commonest kind). Columns computed of one sensor are taken together, and
        the most unusual of them is told; of more than `TRIED` those are tried that are least usual in the row. These
        are occlusions of one column at a time (Zeiler and Fergus 2014, arXiv:1311.2901): what two columns only say
        together is not found.
        """
        if not len(examples):
            return []
        before = score(examples)
        together: dict[str, list[str]] = {}
        for name in (*self._quantiles, *self._common):
            if name in examples.table.column_names:
                together.setdefault(self._of.get(name, name), []).append(name)
        groups = list(together.values())
        if not groups:
            return [""] * len(examples)
        told = [self._telling(names, examples) for names in groups]
        falls = self._falls(groups, np.stack([odd for odd, _ in told]), examples, before, score)
        sentences = []
        for at, whole in enumerate(before):
            ranked = np.argsort(-falls[:, at], kind="stable")[:MOST]
            named = [group for group in ranked if falls[group, at] > LEAST * max(whole, 1e-12)]
            sentences.append("; ".join(self._sentence(*told[group][1][at]) for group in named))
        return sentences

    def state(self) -> State:
        return State(
            tree={
                "unit": self._unit,
                "quantiles": self._quantiles,
                "common": self._common,
                "shares": self._shares,
                "words": self._words,
                "says": self._says,
                "of": self._of,
            }
        )

    def load(self, state: State) -> None:
        self._quantiles = {name: list(map(float, each)) for name, each in state.tree["quantiles"].items()}
        self._common = {name: str(each) for name, each in state.tree["common"].items()}
        self._words = {name: str(each) for name, each in state.tree["words"].items()}
        self._of = {name: str(each) for name, each in state.tree.get("of", {}).items()}
        self._unit = str(state.tree.get("unit", self._unit))
        self._says = {name: str(each) for name, each in state.tree.get("says", {}).items()}
        self._shares = {
            name: {str(kind): float(share) for kind, share in kinds.items()}
            for name, kinds in state.tree.get("shares", {}).items()
        }

    def _falls(
        self,
        groups: list[list[str]],
        odd: NDArray[np.float64],
        examples: Examples,
        before: NDArray[np.float64],
        score: Callable[[Examples], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """[G, N] how far the score falls when a group of columns is as usual; of many groups the oddest of each row
        are tried."""
        tried = np.tile(np.arange(len(groups))[:, None], len(examples))
        if len(groups) > TRIED:
            tried = np.argsort(-odd, axis=0, kind="stable")[:TRIED]
        falls = np.zeros(odd.shape)
        step = max(1, ASKED_AT_ONCE // len(tried))
        for start in range(0, len(examples), step):
            rows = np.arange(start, min(start + step, len(examples)))
            chosen = tried[:, rows]
            usual = {
                name: (self.value(name), (chosen == group).ravel())
                for group in np.unique(chosen)
                for name in groups[group]
            }
            asked = replaced(examples.take(np.tile(rows, len(tried))), usual)
            falls[chosen, rows] = before[rows] - score(asked).reshape(chosen.shape)
        return falls

    def _telling(
        self, names: list[str], examples: Examples
    ) -> tuple[NDArray[np.float64], list[tuple[str, Any]]]:
        """Of several columns the one that is furthest from usual: [N] how far, and which, with its value."""
        cells = [examples.column(name) for name in names]
        odd = np.stack([self._odd(name, values) for name, values in zip(names, cells, strict=True)])
        chosen = odd.argmax(axis=0)
        found: list[tuple[str, Any]] = [
            (names[one], cells[one][at]) for at, one in enumerate(chosen.tolist())
        ]
        return odd.max(axis=0), found

    def _odd(self, name: str, values: Sequence[Any]) -> NDArray[np.float64]:
        """[N] from 0, as usual, to half the levels, beyond all training rows; missing is half-way."""
        half = len(LEVELS) / 2
        if name in self._common:
            return np.array([0.0 if value == self._common[name] else half for value in values])
        numbers = np.array([np.nan if value is None else value for value in values], np.float64)
        low, high = (np.searchsorted(self._quantiles[name], numbers, side=side) for side in ("left", "right"))
        return np.where(np.isfinite(numbers), np.abs((low + high) / 2 - half), half / 2)

    def value(self, name: str) -> Any:
        """What a column usually holds: its median, or its commonest kind; None where nothing was learnt of it."""
        if name in self._common:
            return self._common[name]
        return self._quantiles[name][len(LEVELS) // 2] if name in self._quantiles else None

    def _sentence(self, name: str, value: Any) -> str:
        words = self._words.get(name, name)
        if value is None:
            return f"{words}: missing"
        if name in self._common:
            share = self._shares.get(name, {}).get(str(value))
            return f"{words} {value}{'' if share is None else f' (in {_percent(share)} of training {self._unit})'}"
        quantiles = np.array(self._quantiles[name])
        below = int(np.searchsorted(quantiles, value, side="left"))
        above = len(LEVELS) - int(np.searchsorted(quantiles, value, side="right"))
        where = ""
        if below > len(LEVELS) // 2:
            where = f" (more than in {min(below, 99)} % of training {self._unit})"
        elif above > len(LEVELS) // 2:
            where = f" (less than in {min(above, 99)} % of training {self._unit})"
        if name in self._says:
            return re.sub(r"(?<=\d)%", " %", self._says[name].format(value)) + where
        return f"{words}: {value:,.4g}{where}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def replaced(examples: Examples, values: Mapping[str, tuple[Any, NDArray[np.bool_]]]) -> Examples:
    """The examples with columns that hold a value in the rows [N] of a mask."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table({name: examples.chunks(name) for name in examples.table.column_names})
    for name, (value, mask) in values.items():
        place = table.column_names.index(name)
        kind = table.schema.field(name).type
        column = pc.if_else(pa.array(mask), pa.scalar(value, kind), table.column(name).combine_chunks())
        table = table.set_column(place, name, column)
    return replace(examples, table=in_memory(table))
