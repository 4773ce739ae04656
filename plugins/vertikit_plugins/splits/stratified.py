"""Every class in every part in proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.holding_out import repeated_groups, train_valid_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Stratified:
    """One fold for rows that have nothing in common: no group occurs twice, and no parts are given."""

    def __init__(self, *, fold: str | None = None) -> None:
        """`fold` "2/5" takes the second of five parts as the test, each of which is one once."""
        self._fold = fold

    def fits(self, examples: Examples) -> bool:
        return not repeated_groups(examples) and not examples.part.any()

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        if repeated_groups(examples):
            raise UsageError(
                "the split 'stratified' would divide the rows of a group between training and test.",
                "Use --set split=grouped, or leave the group's column out with --drop.",
            )
        if examples.part.any():
            raise UsageError(
                "the split 'stratified' would mix the parts given by --valid and --test into training.",
                "Use --set split=official, or give all rows with --data.",
            )
        return [train_valid_test(examples, classes, test=test, valid=valid, seed=seed, fold=self._fold)]
