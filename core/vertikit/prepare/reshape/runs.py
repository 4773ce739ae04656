"""Rows in the order of their time, unit by unit, and the runs between gaps that windows stay within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.durations import microseconds
from vertikit.prepare.places import place, several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

USUAL_STEPS = 5
"""Rows of a unit that are further apart than so many usual steps have a gap between them."""
MIXED = 1.5
"""Units whose usual steps differ by more than this factor are read at different rates."""


@dataclass(frozen=True)
class Runs:
    """Rows in order.

    Args:
        order: [M] positions of rows, unit by unit and there by time (or as they stand in the file).
        unit: [M] a number per unit (and part), rising.
        time: [M] seconds since 1970, or None where the data has no time.
        run: [M] a number per run, rising: rows of one unit without a gap between them.
        aside: position of a row that has no place in the order -> why.
        notes: sentences on what was found.
    """

    order: Indices
    unit: Indices
    time: NDArray[np.float64] | None
    run: Indices
    aside: dict[int, str]
    notes: tuple[str, ...]


def find_runs(examples: Examples, gap: str | None, *, by_rows: bool) -> Runs:
    """Put rows in order and cut them where a unit ends or time jumps.

    `by_rows` says that windows are counted in rows: then units that are read at different rates are told of.
    """
    import numpy as np
    import pandas as pd

    count = len(examples)
    aside: dict[int, str] = {}
    owner = examples.source if examples.group is None else examples.group
    if examples.group is not None:
        lost = pd.isna(examples.group)
        aside |= dict.fromkeys(np.flatnonzero(lost).tolist(), "its unit is missing, so no window can hold it")
    keys = pd.factorize(np.asarray(examples.part, object).astype(str))[0].astype(np.int64)
    own = pd.factorize(np.asarray(owner, object))[0].astype(np.int64)
    unit = keys * (own.max(initial=0) + 2) + own
    time = None if examples.span is None else examples.span[:, 0]
    if time is not None:
        untimed = np.flatnonzero(~np.isfinite(time)).tolist()
        aside |= dict.fromkeys(untimed, "its time is missing, so it has no place in a window")
    kept = np.setdiff1d(np.arange(count), list(aside))
    notes: list[str] = []
    sorting = (kept, unit[kept]) if time is None else (kept, time[kept], unit[kept])
    order = kept[np.lexsort(sorting)]
    if time is not None:
        notes += _out_of_order(examples, kept, unit, time)
        again = (np.diff(unit[order], prepend=-1) == 0) & (np.diff(time[order], prepend=np.nan) == 0)
        if again.any():
            twice = order[again]
            aside |= dict.fromkeys(twice.tolist(), "its unit has a row of the same time before it")
            notes.append(
                f"time: {several(len(twice))} with the time of another row of the same unit "
                f"({place(examples, int(twice[0]))}): the first of each is used"
            )
            order = order[~again]
    units = unit[order]
    new = np.diff(units, prepend=-1) != 0
    times = None if time is None else time[order]
    if times is not None:
        jumps, told = _gaps(examples, order, units, times, gap, by_rows=by_rows)
        new |= jumps
        notes += told
    return Runs(order, units, times, np.cumsum(new) - 1, aside, tuple(notes))


def _out_of_order(examples: Examples, kept: Indices, unit: Indices, time: NDArray[np.float64]) -> list[str]:
    import numpy as np

    by_unit = kept[np.argsort(unit[kept], kind="stable")]
    back = (np.diff(unit[by_unit], prepend=-1) == 0) & (np.diff(time[by_unit], prepend=np.nan) < 0)
    if not back.any():
        return []
    first = place(examples, int(by_unit[back][0]))
    return [
        f"time: {several(int(back.sum()))} with an earlier time than the row of the unit before it ({first}), as "
        "where a clock is set back: rows are put in the order of their time"
    ]


def _gaps(
    examples: Examples,
    order: Indices,
    unit: Indices,
    time: NDArray[np.float64],
    gap: str | None,
    *,
    by_rows: bool,
) -> tuple[NDArray[np.bool_], list[str]]:
    """[M] whether a row stands after a gap, and what there is to say of gaps and rates."""
    import numpy as np
    import pandas as pd

    step = np.diff(time, prepend=np.nan)
    step[np.diff(unit, prepend=-1) != 0] = np.nan
    usual = pd.Series(step).groupby(unit).median()
    known = usual.dropna()
    widest = (
        USUAL_STEPS * usual.reindex(unit).to_numpy(np.float64)
        if gap is None
        else np.full(len(unit), microseconds(gap) / 1e6)
    )
    jumps = np.asarray(step > widest)
    notes = []
    if jumps.any():
        at = int(order[np.flatnonzero(jumps)[np.argmax(step[jumps])]])
        notes.append(
            f"time: {several(int(jumps.sum()), 'gap')} of more than {duration(float(np.nanmin(widest)))}, the longest "
            f"{duration(float(np.nanmax(step)))} (before {place(examples, at)}): no window holds rows from both sides"
        )
    if by_rows and len(known) > 1 and known.max() > MIXED * max(known.min(), 1e-9):
        notes.append(
            f"time: units are read at different rates, every {duration(float(known.min()))} to every "
            f"{duration(float(known.max()))}, so windows of as many rows cover different times: "
            "give the window as a time, such as --set reshape.window=10min"
        )
    return jumps, notes


def duration(seconds: float) -> str:
    """«90 s», «36 min», «7.5 h», «12 d»."""
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {word}"
    return f"{seconds:.3g} s"
