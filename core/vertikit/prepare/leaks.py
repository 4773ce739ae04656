"""The account of what leaks between the parts, or would."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vertikit.prepare.places import places
from vertikit.prepare.prepared import LeakReport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.prepare.overlap import Overlap, Reasons


@dataclass
class Leaks:
    """Leaks as they are found, by the position of the example.

    Args:
        conflicts: examples whose text occurs with different classes.
        copies, members: as in Overlap, of all folds.
        repeats: further copies inside a training part.
        groups: groups on both sides. near: training examples that are nearly like a judging one.
    """

    conflicts: Reasons = field(default_factory=dict)
    copies: dict[int, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    repeats: dict[int, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    near: set[int] = field(default_factory=set)

    def add(self, found: Overlap) -> None:
        self.copies |= found.copies
        self.members |= found.members
        self.groups |= found.groups

    def removable(self) -> dict[int, str]:
        """What leaves a training or validation part, with the reasons."""
        return {**self.repeats, **self.members, **self.copies}

    def report(self, codes: Indices, *, kept: bool) -> LeakReport:
        """The counts; `codes` [N] tell texts apart."""
        return LeakReport(
            across=len(self.copies),
            inside=len(self.repeats),
            conflicting=len(self.conflicts),
            conflicting_texts=len({int(codes[at]) for at in self.conflicts}),
            near=len(self.near),
            groups_across=len(self.groups),
            group_rows=len(self.members),
            kept=kept,
        )


def conflicts(examples: Examples, codes: Indices, conflicting: NDArray[np.bool_]) -> Reasons:
    """The `conflicting` [N] examples, whose text occurs with different classes, each with where its twins are."""
    import numpy as np

    found = np.flatnonzero(conflicting)
    twins: dict[int, list[int]] = defaultdict(list)
    for at in found.tolist():
        twins[codes[at]].append(at)
    return {
        at: f"the same text occurs with different labels ({where})"
        for same in twins.values()
        for where in [places(examples, same)]
        for at in same
    }
