"""Whether an attribution names what the model lives on: parts are taken away in its order, and in random ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit.explain.means import mean

Ask = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""Which parts are kept [n, P] -> answers [n]."""
STEPS = 10
ORDERS = 5
"""Random orders of each row."""


@dataclass(frozen=True)
class Deletion:
    """How far an answer falls as parts go (Samek et al. 2017, arXiv:1509.06321).

    Args:
        shares: [K] of the parts that are gone. named: [K] the fall in the order of the attribution. others: [K] the
            mean fall in random orders.
    """

    shares: NDArray[np.float64]
    named: NDArray[np.float64]
    others: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The mean distance of the two curves: positive where what was named mattered more."""
        return float((self.named - self.others).mean())


def deletion(ask: Ask, weights: NDArray[np.float64], answer: float, seed: int, *, signed: bool) -> Deletion:
    """Take the parts [P], two or more, away in up to `STEPS` steps, the highest weight first, and in random orders.

    `signed` counts falls of the answer, else how far it moves either way. The last step, where nothing is left
    whatever the order, is left out.
    """
    count = len(weights)
    steps = min(STEPS, count)
    gone = np.unique([round(count * step / steps) for step in range(1, steps)]).astype(int)
    random = np.random.default_rng(seed)
    orders = [np.argsort(-weights, kind="stable"), *(random.permutation(count) for _ in range(ORDERS))]
    kept = np.ones((len(orders), len(gone), count), bool)
    for line, order in enumerate(orders):
        for step, number in enumerate(gone):
            kept[line, step, order[:number]] = False
    falls = answer - ask(kept.reshape(-1, count)).reshape(len(orders), len(gone))
    falls = falls if signed else np.abs(falls)
    return Deletion(gone / count, falls[0], falls[1:].mean(axis=0))


def over_rows(tests: Sequence[Deletion], groups: NDArray[np.object_] | None, seed: int) -> dict[str, Any]:
    """The mean area {"value", "ci95"} with its interval over rows, or over groups [N] of them, and "rows"; without an
    interval, "why"."""
    return mean(np.array([each.area for each in tests]), groups, seed)


def curves(tests: Sequence[Deletion]) -> dict[str, list[float]]:
    """Both curves, the mean over rows, at tenths of the parts: {"shares", "named", "others"}."""
    grid = np.linspace(0, 1, STEPS + 1)[:-1]
    found = {
        side: np.mean(
            [np.interp(grid, [0, *each.shares], [0, *getattr(each, side)]) for each in tests], axis=0
        )
        for side in ("named", "others")
    }
    return {"shares": grid.tolist(), **{side: values.tolist() for side, values in found.items()}}
