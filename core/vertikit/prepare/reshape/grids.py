"""Rows of several series on a grid of time: one place a step, gaps and the steps to come among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.durations import microseconds
from vertikit.errors import UsageError
from vertikit.prepare.places import place, several
from vertikit.prepare.reshape.runs import duration
from vertikit.prepare.reshape.seasons import continued, steps_of_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

OFF = 0.01
"""Of a step: a stamp further from the grid than this is told of."""
REGULAR = 0.5
"""Share of distances that have to be the usual one for a grid to be seen in them."""
WIDEST = 20
"""Places of a grid for each row, at most: with more of them the frequency is another one."""


@dataclass(frozen=True)
class Grids:
    """Series one after the other.

    Args:
        order: [M] the position of the row at each place, -1 where there is none.
        stamps: [M] seconds since 1970.
        names: [S] of the series, "" where the data has one alone. begin, until, end: [S] places of each: its first,
            the one after its last row, and the one after its last step to come.
        step: seconds between two places; 0 where each row is the next step.
        usual: seconds that usually lie between two places.
        aside: position of a row that has no place -> why.
        notes: sentences on what was found.
    """

    order: Indices
    stamps: NDArray[np.float64]
    names: tuple[str, ...]
    begin: Indices
    until: Indices
    end: Indices
    step: float
    usual: float
    aside: dict[int, str]
    notes: tuple[str, ...]


def grids(
    examples: Examples,
    series: NDArray[np.object_] | None,
    known: NDArray[np.bool_],
    frequency: str | None,
    ahead: Callable[[float], int],
) -> Grids:
    """Put rows [N] on a grid, with places for the steps to come after the last row of each series that is `known` [N]:
    as many as `ahead` says of a step of so many seconds.

    UsageError where the times show no frequency, or none that fits.
    """
    import numpy as np

    assert examples.span is not None
    time = examples.span[:, 0]
    aside = dict.fromkeys(
        np.flatnonzero(~np.isfinite(time)).tolist(), "its time is missing, so it has no place in a series"
    )
    names, codes = [""], np.zeros(len(examples), np.int64)
    if series is not None:
        names = sorted({str(each) for each in series if each is not None})
        numbers = {name: at for at, name in enumerate(names)}
        codes = np.array([-1 if each is None else numbers[str(each)] for each in series], np.int64)
        aside |= dict.fromkeys(np.flatnonzero(codes < 0).tolist(), "the name of its series is missing")
    kept = np.setdiff1d(np.arange(len(examples)), np.array(sorted(aside), np.int64))
    ordered = kept[np.lexsort((kept, time[kept], codes[kept]))]
    notes = list(_out_of_order(examples, kept, codes, time))
    again = (np.diff(codes[ordered], prepend=-1) == 0) & (np.diff(time[ordered], prepend=np.nan) == 0)
    if again.any():
        twice = ordered[again]
        aside |= dict.fromkeys(twice.tolist(), "its series has a row of the same time before it")
        notes.append(
            f"time: {several(len(twice))} with the time of another row of the same series "
            f"({place(examples, int(twice[0]))}): the first of each is used"
        )
        ordered = ordered[~again]
    step, usual, told = _frequency(time[ordered], codes[ordered], frequency)
    notes += told
    horizon = ahead(step)
    untils: list[int] = []
    places, stamps, begins, ends, off, filled = [], [], [], [], 0, 0
    used = []
    size = 0
    phase = _phase(time[ordered], step)
    edges = np.searchsorted(codes[ordered], np.arange(len(names) + 1))
    for code, name in enumerate(names):
        own = ordered[edges[code] : edges[code + 1]]
        if not len(own):
            continue
        used.append(name)
        if step:
            first = phase + np.rint((time[own[0]] - phase) / step) * step
            at = np.rint((time[own] - first) / step).astype(np.int64)
            off += int((np.abs(time[own] - first - at * step) > OFF * step).sum())
            taken = np.diff(at, prepend=-1) == 0
            aside |= dict.fromkeys(own[taken].tolist(), "its series has a row at this step before it")
            own, at = own[~taken], at[~taken]
            if at[-1] > WIDEST * len(own) + 1000:
                raise UsageError(
                    f"a series of {several(len(own))} has {at[-1] + 1:,} steps of {duration(step)} from its first to "
                    "its last row.",
                    "State how far apart two steps are: --set reshape.frequency=1d",
                )
        else:
            at = np.arange(len(own))
        last = at[known[own]].max(initial=-1)
        length = int(max(at[-1] + 1, last + 1 + horizon))
        row = np.full(length, -1, np.int64)
        row[at] = own
        filled += int(at[-1] + 1 - len(own))
        places.append(row)
        stamps.append(first + step * np.arange(length) if step else continued(time[own], length, usual))
        begins.append(size)
        untils.append(size + int(at[-1]) + 1)
        size += length
        ends.append(size)
    if off:
        notes.append(
            f"time: {several(off)} beside the grid of {duration(step)}: each is taken for the next step"
        )
    read = sum(untils) - sum(begins)
    if filled:
        notes.append(
            f"time: {filled:,} of {several(read, 'step')} have no row: they are gaps, and count as missing"
        )
    none = np.empty(0, np.int64)
    return Grids(
        np.concatenate([none, *places]), np.concatenate([np.empty(0), *stamps]), tuple(used),
        np.array(begins, np.int64), np.array(untils, np.int64), np.array(ends, np.int64),
        step, usual, aside, tuple(notes),
    )  # fmt: skip


def _phase(time: NDArray[np.float64], step: float) -> float:
    """Where the grid begins: most stamps lie on it."""
    import numpy as np

    if not step or not len(time):
        return 0.0
    found, counts = np.unique(np.round(time % step, 6), return_counts=True)
    return float(found[counts.argmax()])


def _out_of_order(
    examples: Examples, kept: Indices, codes: Indices, time: NDArray[np.float64]
) -> Iterator[str]:
    import numpy as np

    by_series = kept[np.argsort(codes[kept], kind="stable")]
    back = (np.diff(codes[by_series], prepend=-1) == 0) & (np.diff(time[by_series], prepend=np.nan) < 0)
    if back.any():
        yield (
            f"time: {several(int(back.sum()))} with an earlier time than the row of the series before it "
            f"({place(examples, int(by_series[back][0]))}): rows are put in the order of their time"
        )


def _frequency(
    time: NDArray[np.float64], codes: Indices, frequency: str | None
) -> tuple[float, float, list[str]]:
    """(seconds of a step or 0, what usually lies between two rows, a sentence on it)."""
    import numpy as np

    apart = np.diff(time)[np.diff(codes) == 0]
    apart = apart[apart > 0]
    usual = float(np.median(apart)) if len(apart) else 86_400.0
    if frequency == "rows":
        return (
            0.0,
            usual,
            [f"frequency: each row is the next step, usually after {duration(usual)}, as asked"],
        )
    if frequency is not None:
        step = microseconds(frequency) / 1e6
        return step, step, [f"frequency: a step is {duration(step)}, as asked"]
    if why := steps_of_rows(time, usual):
        return 0.0, usual, [f"frequency: {why}, so each row is the next step"]
    if not len(apart):
        raise UsageError(
            "no series has two rows, so the times show no frequency.",
            "State it: --set reshape.frequency=1h; and name the column that tells series apart, if there is one.",
        )
    found, counts = np.unique(np.round(apart, 6), return_counts=True)
    step = float(found[counts.argmax()])
    if counts.max() < REGULAR * len(apart):
        raise UsageError(
            f"the times show no frequency: steps take from {duration(float(found[0]))} to "
            f"{duration(float(found[-1]))}, and no distance is that of half of them.",
            "State it: --set reshape.frequency=1h, or, where each row is the next step, --set reshape.frequency=rows",
        )
    return (
        step,
        step,
        [f"frequency: a step is {duration(step)}, as {counts.max() / len(apart):.0%} of the times show"],
    )
