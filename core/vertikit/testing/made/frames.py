"""Frames of predictions, from perfect to wrong, of every kind of target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vertikit.outcome.classes import Classes
from vertikit.outcome.findings import Findings
from vertikit.outcome.numbers import Numbers
from vertikit.outcome.oddness import Oddness
from vertikit.scale import Scale
from vertikit.testing.made.rows import BEGINNING, DAY

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.columns import Column
    from vertikit.outcome import Outcome

Quality = Literal["perfect", "good", "poor", "wrong", "even"]
"""`even` says of every row what is true of half of them."""
TARGETS: Mapping[str, Outcome] = {
    "five classes": Classes(("0", "1", "2", "3", "4"), Scale(0, 4, 1, True)),
    "two classes": Classes(("0", "1"), Scale(0, 1, 1, True)),
    "numbers": Numbers(Scale(0, 10, 1, True), 4.0, 2.0),
    "findings": Findings(("0", "1", "2")),
    "sound or odd": Oddness(),
}
ROWS = 120


@dataclass(frozen=True)
class Further:
    """Columns of a task that a metric or a policy reads beside the answers.

    Args:
        names: of them. known: the columns of the plugin's tasks by name, whose types are taken; others are numbers.
        kinds: by name "number", "category" or "time", where an example says.
    """

    names: tuple[str, ...] = ()
    known: Mapping[str, Column] | None = None
    kinds: Mapping[str, str] | None = None

    def values(self, random: np.random.Generator, rows: int) -> dict[str, Any]:
        """Name -> values [rows], as `vertikit.evaluate.frame.with_columns` gives them."""
        import pandas as pd

        found: dict[str, Any] = {}
        for name in self.names:
            kind = self._kind(name)
            if kind == "time":
                found[name] = BEGINNING + np.sort(random.uniform(0, 20, rows)) * DAY
            elif kind == "category":
                found[name] = pd.Categorical([f"c{each}" for each in random.integers(0, 8, rows)])
            else:
                found[name] = random.uniform(20, 200, rows).round(2)
        return found

    def _kind(self, name: str) -> str:
        if self.kinds is not None and name in self.kinds:
            return self.kinds[name]
        column = (self.known or {}).get(name)
        if column is None:
            return "number"
        return {"string": "category", "int64": "time"}.get(column.arrow, "number")


def frame(
    target: str, quality: Quality, further: Further = Further(), rows: int = ROWS, seed: int = 0
) -> pd.DataFrame:
    """Truth, prediction, weight and the other columns of a target of `TARGETS`, [rows]; the truth of one seed is the
    same at every quality."""
    random = np.random.default_rng(seed)
    outcome = TARGETS[target]
    truth, answers = _MAKERS[outcome.kind](outcome, quality, random, rows)
    found = outcome.frame(answers, truth)
    return found.assign(**further.values(np.random.default_rng(seed + 1), rows)) if further.names else found


def _odds(there: NDArray[np.bool_], quality: Quality, random: np.random.Generator) -> NDArray[np.float64]:
    """[N, K] log odds of what is `there`."""
    noise = random.normal(0, 1, there.shape)
    sign = np.where(there, 1.0, -1.0)
    strength, spread = {
        "perfect": (6.0, 0.1), "good": (1.2, 1.0), "poor": (0.0, 1.0), "wrong": (-6.0, 0.1), "even": (0.0, 0.0),
    }[quality]  # fmt: skip
    return strength * sign + spread * noise


def _classes(
    outcome: Classes, quality: Quality, random: np.random.Generator, rows: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    count = len(outcome.labels)
    codes = random.permutation(np.arange(rows) % count)
    shown = (codes + count // 2) % count if quality == "wrong" else codes
    odds = _odds(np.eye(count, dtype=bool)[shown], "perfect" if quality == "wrong" else quality, random)
    share = np.exp(odds)
    return np.array(outcome.labels, object)[codes], share / share.sum(axis=1, keepdims=True)


def _oddness(
    outcome: Oddness, quality: Quality, random: np.random.Generator, rows: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    names = np.array([outcome.labels[0], "cut", "bent"], object)
    truth = names[random.permutation(np.arange(rows) % 3)]
    odds = _odds((truth != outcome.labels[0])[:, None], quality, random)[:, 0]
    share = 1 / (1 + np.exp(-odds))
    return truth, np.column_stack([1 - share, share, np.exp(odds)])


def _findings(
    outcome: Findings, quality: Quality, random: np.random.Generator, rows: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    there = random.random((rows, len(outcome.labels))) < 0.4
    known = random.random(there.shape) > 0.1
    truth = [
        "|".join(
            f"{'+' if yes else '-'}{name}"
            for name, yes, told in zip(outcome.labels, row, own, strict=True)
            if told
        )
        for row, own in zip(there, known, strict=True)
    ]
    return np.array(truth, object), 1 / (1 + np.exp(-_odds(there, quality, random)))


def _numbers(
    _: Numbers, quality: Quality, random: np.random.Generator, rows: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    truth = np.round(10 * random.beta(2, 3, rows))
    off = random.normal(0, 1, rows)
    answer = {
        "perfect": truth, "good": truth + off, "poor": 4 + 3 * off, "wrong": 12 - truth, "even": np.full(rows, 4.0),
    }[quality]  # fmt: skip
    spread = np.abs(off) + 0.1
    return truth, np.column_stack([answer, spread, answer - 2 * spread, answer + 2 * spread])


_MAKERS: Mapping[str, Any] = {
    "classes": _classes,
    "oddness": _oddness,
    "findings": _findings,
    "numbers": _numbers,
}
