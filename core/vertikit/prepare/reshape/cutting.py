"""Windows cut from runs of rows: so many rows, or so much time, every so often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit.durations import microseconds
from vertikit.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.prepare.reshape.runs import Runs
    from vertikit.recipe.examples import Reshape

LEAST = 0.5
"""Share of the rows that a window of time usually holds, which one must have to be an example."""


@dataclass(frozen=True)
class Cut:
    """Windows as positions into ordered rows: [N] the first, and the one after the last.

    `short` are the runs [S, 2] that are too short for any.
    """

    start: Indices
    stop: Indices
    short: Indices


def cut_runs(runs: Runs, choice: Reshape) -> Cut:
    """The windows of all runs, in order; UsageError where the recipe asks for time and the data has none."""
    import numpy as np

    edges = np.append(np.flatnonzero(np.diff(runs.run, prepend=-1)), len(runs.run))
    bounds = np.stack([edges[:-1], edges[1:]], axis=1)
    return cut(bounds, choice, runs.time)


def cut(bounds: Indices, choice: Reshape, time: NDArray[np.float64] | None) -> Cut:
    """Windows within stretches [R, 2] of positions."""
    import numpy as np

    assert choice.window is not None
    stride = choice.window if choice.stride is None else choice.stride
    if isinstance(choice.window, int) and isinstance(stride, int):
        found = [np.arange(a, b - choice.window + 1, stride, dtype=np.int64) for a, b in bounds.tolist()]
        pieces = [(each, each + choice.window) for each in found]
    else:
        if isinstance(choice.window, int) or isinstance(stride, int):
            raise UsageError(
                f"reshape.window is {choice.window} and reshape.stride {stride}: one counts rows, the other time.",
                "Give both in rows, or both as time (10min).",
            )
        if time is None:
            raise UsageError(
                f"reshape.window={choice.window} is a time, and the data has no column of times.",
                "Name it: --map time=COLUMN; or count rows: --set reshape.window=60",
            )
        pieces = _by_time(bounds, microseconds(choice.window) / 1e6, microseconds(stride) / 1e6, time)
    none = np.empty(0, np.int64)
    short = [bound for bound, (start, _) in zip(bounds.tolist(), pieces, strict=True) if not len(start)]
    return Cut(
        np.concatenate([none, *(start for start, _ in pieces)]),
        np.concatenate([none, *(stop for _, stop in pieces)]),
        np.array(short, np.int64).reshape(-1, 2),
    )


def _by_time(
    bounds: Indices, window: float, stride: float, time: NDArray[np.float64]
) -> list[tuple[Indices, Indices]]:
    """Windows from a run's first row on, each from its start to just before its end in time."""
    import numpy as np

    pieces = []
    for first, last in bounds.tolist():
        own = time[first:last]
        steps = np.diff(own)
        usual = float(np.median(steps)) if len(steps) else np.inf
        # A run reaches to one usual step after its last row: a row stands for the time up to the next.
        count = int((own[-1] + usual - own[0] - window) / stride + 1e-9) + 1 if np.isfinite(usual) else 0
        begin = own[0] + stride * np.arange(max(0, count))
        start = np.searchsorted(own, begin - 1e-6)
        stop = np.searchsorted(own, begin + window - 1e-6)
        enough = stop - start >= max(2, LEAST * window / usual)
        pieces.append((first + start[enough], first + stop[enough]))
    return pieces
