"""No group on two sides, classes balanced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.holding_out import train_valid_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_GROUPS = 3
"""One each for training, validation and test."""


class Grouped:
    """One fold for rows in groups (patients); rows without one are groups of their own."""

    name = "grouped"

    def __init__(self, *, fold: str | None = None) -> None:
        """`fold` "2/5" takes the second of five parts as the test, each of which is one once."""
        self._fold = fold

    def fits(self, examples: Examples) -> bool:
        return _group_count(examples) >= FEWEST_GROUPS and not examples.part.any()

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        if examples.group is None:
            raise UsageError(
                f"the split {self.name!r} needs a group column, which this data has not.",
                "Name it with --map, or use --set split=stratified.",
            )
        if examples.part.any():
            raise UsageError(
                f"the split {self.name!r} would mix the parts given by --valid and --test into training.",
                "Use --set split=official, or give all rows with --data.",
            )
        count = _group_count(examples)
        if count < FEWEST_GROUPS:
            raise UsageError(
                f"the split {self.name!r} needs {FEWEST_GROUPS} groups or more, and this data has {count}.",
                "Give rows of more groups, or a test part of your own with --test.",
            )
        return [train_valid_test(examples, classes, test=test, valid=valid, seed=seed, fold=self._fold)]


def _group_count(examples: Examples) -> int:
    if examples.group is None:
        return 0
    named = {group for group in examples.group if group is not None}
    return len(named) + sum(group is None for group in examples.group)
