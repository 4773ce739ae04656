"""What a training part shares with the parts that judge it, and may not: texts and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.prepare.duplicates import all_different, first_of_each
from vertikit.prepare.places import place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Fold, Indices
    from vertikit.task import Task

    Reasons = Mapping[int, str]
    """Position of an example -> why it is taken out."""

OUTSIDE, TRAIN, VALID, TEST = -1, 0, 1, 2
"""What an example is for; a part may share nothing with one of a higher number."""


@dataclass(frozen=True)
class Overlap:
    """Examples that must leave their part, by what they share with a part that judges it.

    Args:
        copies: those whose text is there, with the reason.
        members: those whose group is there and whose text is not.
        groups: the groups that are on both sides.
    """

    copies: Reasons
    members: Reasons
    groups: frozenset[str]


def uses_by_part(examples: Examples) -> NDArray[np.int8]:
    """[N] what each example is for, by the parts that the user named."""
    import numpy as np

    return np.select([examples.part == "", examples.part == "valid"], [TRAIN, VALID], TEST).astype(np.int8)


def uses_by_fold(fold: Fold, count: int) -> NDArray[np.int8]:
    """[N] what each example is for in a fold."""
    import numpy as np

    uses = np.full(count, OUTSIDE, np.int8)
    uses[fold.train] = TRAIN
    uses[fold.valid] = uses[fold.calibrate] = VALID
    for test in fold.tests.values():
        uses[test] = TEST
    return uses


def overlap(
    examples: Examples, codes: Indices, uses: NDArray[np.int8], known: NDArray[np.bool_] | None = None
) -> Overlap:
    """What training shares with validation and tests, and validation with tests.

    `known` [N] marks examples of parts that are there to hold groups of training (`Group.known_in`).
    """
    import numpy as np

    if known is None:
        known = np.zeros(len(examples), bool)
    copies: dict[int, str] = {}
    members: dict[int, str] = {}
    groups: set[str] = set()
    for use in (VALID, TRAIN):
        # A validation row that leaves still marks its copies in training: it leaves because of a test row,
        # which these repeat as well.
        judging = np.flatnonzero(uses > use)
        word = "a test part" if use == VALID else "a validation or test part"
        own = np.flatnonzero(uses == use)
        if not all_different(codes):
            codes_there, first = np.unique(codes[judging], return_index=True)
            shared = own[np.isin(codes[own], codes_there)]
            twins = judging[first[np.searchsorted(codes_there, codes[shared])]]
            for at, twin in zip(shared.tolist(), twins.tolist(), strict=True):
                copies[at] = f"the same text is in {word} ({place(examples, twin)})"
        if examples.group is None:
            continue
        there = set(examples.group[judging[~known[judging]]]) - {None}
        for at in own.tolist() if there else ():
            if examples.group[at] in there:
                groups.add(examples.group[at])
                if at not in copies:
                    members[at] = f"rows of the same group are in {word}"
    return Overlap(copies, members, frozenset(groups))


def may_be_known(task: Task, fold: Fold | None, examples: Examples) -> NDArray[np.bool_]:
    """[N] examples whose group training may know: of a fold's test parts, or, without one, of the user's."""
    import numpy as np

    names = () if task.group is None else task.group.known_in
    if task.group is not None and task.group.crosses_time and examples.span is not None:
        return np.ones(len(examples), bool)
    if fold is None:
        return np.isin(examples.part.astype(str), names)
    known = np.zeros(len(examples), bool)
    for name in names:
        known[fold.tests.get(name, [])] = True
    return known


def repeats(examples: Examples, codes: Indices, train: Indices) -> Reasons:
    """Training examples whose text a training example before them has."""
    import numpy as np

    first = train[first_of_each(codes[train])]
    again = np.flatnonzero(train != first)
    return {
        at: f"the same text is in training already ({place(examples, one)})"
        for at, one in zip(train[again].tolist(), first[again].tolist(), strict=True)
    }
