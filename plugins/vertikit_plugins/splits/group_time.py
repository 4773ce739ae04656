"""By group and by time together: no unit on two sides, and the test later than everything that was learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.grouped import FEWEST_GROUPS
from vertikit_plugins.splits.holding_out import hold_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices

LARGEST = 1 / 3
"""Of the units, and of the time, the largest shares that go to the test where units live side by side."""
MOST_LOST = 0.1
"""Of training examples, the largest share that may lie after the cut for units to count as following one another."""


class GroupTime:
    """One fold in which the test has units that training lacks, and is later.

    Where units follow one another (experiments, batches), the latest are the test, and next to nothing is lost. Where
    they live side by side (a fleet), the test is what some of them do after a cut in time, and training what the
    others did before it; examples of neither stand outside, which is the price of asking both. Validation units are
    held out of training by unit.
    """

    name = "group-time"

    def fits(self, examples: Examples) -> bool:
        return _reason(examples) == "" and not examples.part.any()

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        import numpy as np
        import pandas as pd

        if why := _reason(examples):
            raise UsageError(
                f"the split {self.name!r} needs {why}.", "Use --set split=grouped or split=time."
            )
        if examples.part.any():
            raise UsageError(
                f"the split {self.name!r} would mix the parts given by --valid and --test into training.",
                "Use --set split=official, or give all rows with --data.",
            )
        assert examples.span is not None and examples.group is not None
        usable = np.flatnonzero(np.isfinite(examples.span).all(axis=1) & pd.notna(examples.group))
        labelled, tested = _one_after_another(examples, classes, usable, test)
        if not len(tested):
            labelled, tested = _side_by_side(examples, classes, usable, test, seed)
        train, validation = hold_out(examples, classes, labelled, share=valid, seed=seed + 1)
        left = np.setdiff1d(usable, np.concatenate([train, validation, tested]))
        outside = {
            "of test units before the cut in time, or of training units after or across it": left,
            "without a unit or a time, so no side is theirs": np.setdiff1d(np.arange(len(examples)), usable),
        }
        told = {why: part for why, part in outside.items() if len(part)}
        return [Fold(train, validation, validation, {"test": tested}, told)]


def _reason(examples: Examples) -> str:
    """What the data lacks for the split, "" where nothing."""
    if examples.group is None:
        return "a column of groups (--map unit=COLUMN)"
    if examples.span is None:
        return "a column of times (--map time=COLUMN)"
    count = len({group for group in examples.group if group is not None})
    return "" if count >= FEWEST_GROUPS else f"{FEWEST_GROUPS} groups or more, and this data has {count}"


def _one_after_another(
    examples: Examples, classes: NDArray[np.object_], usable: Indices, share: float
) -> tuple[Indices, Indices]:
    """(labelled, tested), the latest units as the test; neither where units overlap, or classes would be missing."""
    import numpy as np
    import pandas as pd

    assert examples.span is not None and examples.group is not None
    none = np.empty(0, np.int64)
    lives = pd.DataFrame(
        {
            "unit": examples.group[usable].astype(str),
            "start": examples.span[usable, 0],
            "end": examples.span[usable, 1],
        }
    )
    units = lives.groupby("unit").agg(start=("start", "min"), rows=("start", "size")).sort_values("start")
    late = units["rows"][::-1].cumsum()
    chosen = late.index[: int(np.searchsorted(late.to_numpy(), share * len(usable))) + 1]
    if len(chosen) > len(units) - 2:
        return none, none
    cut = float(units.loc[chosen, "start"].min())
    held = lives["unit"].isin(chosen).to_numpy()
    before = ~held & (lives["end"].to_numpy() < cut)
    labelled, tested = usable[before], usable[held]
    several = set(classes[usable])
    enough = set(classes[labelled]) == several and set(classes[tested]) == several
    lost = 1 - before.sum() / max(1, (~held).sum())
    return (labelled, tested) if enough and lost <= MOST_LOST else (none, none)


def _side_by_side(
    examples: Examples, classes: NDArray[np.object_], usable: Indices, share: float, seed: int
) -> tuple[Indices, Indices]:
    """(labelled, tested): some units after a cut, the others before it."""
    import numpy as np

    assert examples.span is not None and examples.group is not None
    part = min(LARGEST, float(np.sqrt(share)))
    cut = float(np.quantile(examples.span[usable, 0], 1 - part))
    late = usable[examples.span[usable, 0] >= cut]
    early = usable[examples.span[usable, 1] < cut]
    if not len(late) or not len(early):
        raise UsageError(
            "the split 'group-time' finds no time with examples before and after it.",
            "Use --set split=grouped, which divides by unit alone.",
        )
    _, tested = hold_out(examples, classes, late, share=part, seed=seed)
    units = set(examples.group[tested])
    labelled = early[[examples.group[at] not in units for at in early.tolist()]]
    if not len(labelled):
        raise UsageError(
            "the split 'group-time' leaves no unit to learn from.",
            "Use --set split=grouped, which divides by unit alone.",
        )
    return labelled, tested
