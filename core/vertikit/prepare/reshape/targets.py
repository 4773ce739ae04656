"""What a window is labelled with: as its rows are, or by whether it occurs within a horizon after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.durations import microseconds
from vertikit.errors import UsageError
from vertikit.soundness import Soundness
from vertikit.table_columns import Flag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Indices
    from vertikit.prepare.reshape.cutting import Cut
    from vertikit.prepare.reshape.runs import Runs
    from vertikit.recipe.examples import Reshape


@dataclass(frozen=True)
class Labelled:
    """The targets of windows.

    Args:
        values: [N] classes, None where it is not known.
        reach: [N] the position after the last row that the target depends on.
        until: [N] seconds since 1970 that the target depends on, or None without times.
        after: [N] how long after the window it occurs, in seconds (in rows without times), NaN where it does not; None
            without a horizon.
        failed: [N] windows that hold a row of what is looked for, in which there is nothing left to foresee.
    """

    values: NDArray[np.object_]
    reach: Indices
    until: NDArray[np.float64] | None
    after: NDArray[np.float64] | None
    failed: NDArray[np.bool_]


def label_windows(
    target: Column, values: NDArray[np.object_], cut: Cut, runs: Runs, choice: Reshape
) -> Labelled:
    """Targets of windows from those of ordered rows [M]."""
    import numpy as np

    until = None if runs.time is None else runs.time[cut.stop - 1]
    none = np.zeros(len(cut.start), bool)
    if choice.horizon is None:
        labels = values[cut.stop - 1]
        if choice.label == "any":
            sought = _sought(target, values)
            places = np.append(np.flatnonzero(sought), len(values))
            first = places[np.searchsorted(places, cut.start)]
            labels = np.where(first < cut.stop, np.append(values, [None])[first], labels)
        return Labelled(labels, cut.stop, until, None, none)
    if not isinstance(target, Flag):
        raise UsageError(
            f"reshape.horizon is for a target of yes or no, and {target.name} is none.",
            "Leave it out: a window then has the label of its last row.",
        )
    return _ahead(target, values, cut, runs, choice.horizon)


def _sought(target: Column, values: NDArray[np.object_]) -> NDArray[np.bool_]:
    """[M] rows whose label a window has that holds any of them: yes, or what is not sound."""
    import numpy as np

    if isinstance(target, Flag):
        return np.asarray(values == target.positive, bool)
    if isinstance(target, Soundness):
        sound = {name.casefold() for name in target.sound}
        return np.array([each is not None and str(each).casefold() not in sound for each in values], bool)
    raise UsageError(
        f"reshape.label=any is for a target of yes or no, and {target.name} is none.",
        "Leave it out: a window then has the label of its last row.",
    )


def _ahead(target: Flag, values: NDArray[np.object_], cut: Cut, runs: Runs, horizon: int | str) -> Labelled:
    import numpy as np

    count = len(values)
    occurs = values == target.positive
    unit_end = np.append(np.flatnonzero(np.diff(runs.unit)) + 1, count)
    own_end = unit_end[np.searchsorted(unit_end, cut.stop - 1, side="right")] if count else cut.stop
    places = np.flatnonzero(occurs)
    at = np.searchsorted(places, cut.stop)
    following = np.append(places, count)[at]
    comes = following < own_end
    if isinstance(horizon, int):
        scale = np.arange(count, dtype=np.float64)
        length = float(horizon)
    elif runs.time is None:
        raise UsageError(
            f"reshape.horizon={horizon} is a time, and the data has no column of times.",
            "Name it: --map time=COLUMN; or count rows: --set reshape.horizon=60",
        )
    else:
        scale, length = runs.time, microseconds(horizon) / 1e6
    end = scale[cut.stop - 1]
    wait = np.where(comes, scale[np.minimum(following, count - 1)] - end, np.nan)
    within = comes & (wait <= length)
    # Units follow one another, so time is searched among the rows of a window's own unit; windows are in order.
    reach = cut.stop.copy()
    for first, last in zip(np.append(0, unit_end[:-1]), unit_end, strict=True):
        own = slice(*np.searchsorted(cut.start, [first, last]))
        reach[own] = first + np.searchsorted(scale[first:last], end[own] + length, side="right")
    reach = np.maximum(reach, cut.stop)
    lost = np.concatenate([[0], np.cumsum([value is None for value in values])])
    seen = (scale[own_end - 1] - end >= length) & (lost[reach] == lost[cut.stop])
    labels = np.full(len(end), None, object)
    labels[seen] = target.negative
    labels[within] = target.positive
    hits = np.concatenate([[0], np.cumsum(occurs)])
    failed = hits[cut.stop] > hits[cut.start]
    until = None if runs.time is None else np.asarray(runs.time[reach - 1])
    return Labelled(labels, reach, until, np.where(within, wait, np.nan), failed)
