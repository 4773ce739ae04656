"""Examples that are there to be judged alone: training learns from others, and they go to the test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import VertikitError
from vertikit.examples import Fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

NOT_LEARNT = "from which training does not learn, and the tests are those that were given"


def judged_only(
    examples: Examples, learns: NDArray[np.bool_], usable: Indices
) -> tuple[Indices, Indices, Indices]:
    """The `usable` positions that are to be split, those that go to the test as they are, and those left out.

    `learns` [N] is what training may learn from. What is not, goes to the test with all of its group, so that no group
    stands on two sides; where the user gave tests, it is left out of other parts. VertikitError where nothing is left.
    """
    own = np.isin(examples.part[usable].astype(str), ("", "valid"))
    apart = own & ~learns[usable]
    if not apart.any():
        return usable, usable[:0], usable[:0]
    if not own.all():
        return usable[~apart], usable[:0], usable[apart]
    if examples.group is not None:
        groups = examples.group[usable]
        shared = set(groups[apart]) - {None}
        apart |= np.array([group in shared for group in groups], bool)
    if apart.all():
        raise VertikitError(
            "every group has an example that is not sound, so none is left to learn from.",
            "Give groups of sound ones alone, or leave the group column out: --drop COLUMN",
        )
    return usable[~apart], usable[apart], usable[:0]


def tested_too(fold: Fold, tested: Indices, outside: Indices) -> Fold:
    """The fold with those positions in its test, and the others left out."""
    if len(tested):
        name = "test" if "test" in fold.tests else next(iter(fold.tests))
        joined = np.sort(np.concatenate([fold.tests[name], tested]))
        fold = replace(fold, tests={**fold.tests, name: joined})
    return replace(fold, outside={**fold.outside, NOT_LEARNT: outside}) if len(outside) else fold
