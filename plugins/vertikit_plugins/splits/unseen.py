"""Groups never seen, and beside them new rows of known groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.grouped import Grouped
from vertikit_plugins.splits.holding_out import hold_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KNOWN = "unseen_answers"
"""The further test: rows that training has not seen, of groups that it has."""


class Unseen(Grouped):
    """As `grouped`; and half as large a share of the training rows is a further test, whatever their group.

    The test says how it will go on a new question, the further test how on a known one.
    """

    name = "unseen"

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        (fold,) = super().split(examples, classes, test=test, valid=valid, seed=seed)
        alone = replace(examples, group=None)
        train, known = hold_out(alone, classes, fold.train, share=test / 2, seed=seed + 2)
        return [replace(fold, train=train, tests={**fold.tests, KNOWN: known})]
