"""How a window differs from what its unit showed before: two machines of a kind are never quite alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.columns import Column
from vertikit.contracts import State, Use
from vertikit.series_columns import Series
from vertikit.table_columns import Number
from vertikit_plugins.signals.chunks import chunks
from vertikit_plugins.signals.statistics import statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task

TOLD = {
    "mean": "mean of {} beside its own past",
    "spread": "standard deviation of {} beside its own past",
    "roughness": "mean step of {} beside its own past",
}
"""Statistic -> what its column is, the sensor's name at {}."""
MOST = 20.0
"""Spreads beyond which a difference is as large as can be."""


class OwnPast:
    """Each statistic less the median of the unit's earlier windows, over their spread (half their middle 68 %).

    A window's past are the windows of its unit that ended before it began, the latest `windows` of them; with fewer
    than `least` nothing is said. What it remembers of each unit are the statistics of its last windows and when they
    ended, so that a later file goes on from there; windows of a time that it knows already change nothing.

    Args:
        windows: of the past, at most.
        least: of them, at least; with fewer nothing is said.
    """

    use: tuple[Use, ...] = ("features",)

    def __init__(self, *, windows: int = 60, least: int = 5) -> None:
        if not 2 <= least <= windows <= 10_000:
            raise UsageError(
                f"experts: own-past of {windows} windows and at least {least} makes no sense.",
                "Take windows of 2 to 10000, and no more for least.",
            )
        self._windows, self._least = windows, least
        self._sensors: tuple[Column, ...] = ()
        self._known: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        """Unit -> when its last windows ended [K], and their statistics [K, F]."""

    def begin(self, task: Task, present: Collection[str]) -> str:
        self._sensors = tuple(
            column for column in task.inputs if isinstance(column, Series) and column.name in present
        )
        return "" if self._sensors else "a row is an example here, and no window of readings (reshape.window)"

    def columns(self) -> tuple[Column, ...]:
        return tuple(
            Number(
                f"{sensor.name}.own_{name}", help=words.format(sensor.name), required=False, of=sensor.name
            )
            for sensor in self._sensors
            for name, words in TOLD.items()
        )

    def features(
        self,
        examples: Examples,
        truth: NDArray[np.object_] | None,  # noqa: ARG002
    ) -> Mapping[str, NDArray[np.float64]]:
        names = [column.name for column in self.columns()]
        result = np.full((len(examples), len(names)), np.nan)
        found = self._statistics(examples)
        for unit, rows, begin, end in _units(examples):
            ends, past = self._known.get(unit, (np.empty(0), np.empty((0, len(names)))))
            fresh = ~np.isin(end, ends)
            ends = np.concatenate([ends, end[fresh]])
            order = np.argsort(ends, kind="stable")
            past = np.concatenate([past, found[rows[fresh]]])[order]
            result[rows] = self._beside(found[rows], begin, ends[order], past)
        return dict(zip(names, result.T, strict=True))

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> None:
        """None: what it knows is for the model to weigh."""

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:  # noqa: ARG002
        """Keep the last windows of each unit; without times there is no telling what comes later, and none is kept."""
        if examples.windows is None or examples.windows.times is None or examples.group is None:
            return
        found = self._statistics(examples)
        for unit, rows, _, end in _units(examples):
            ends, past = self._known.get(unit, (np.empty(0), np.empty((0, found.shape[1]))))
            fresh = ~np.isin(end, ends)
            ends, past = np.concatenate([ends, end[fresh]]), np.concatenate([past, found[rows[fresh]]])
            last = np.argsort(ends, kind="stable")[-self._windows :]
            self._known[unit] = ends[last], past[last]

    def state(self) -> State:
        kept = list(self._known.values())
        width = len(self.columns())
        return State(
            tree={"units": list(self._known), "counts": [len(ends) for ends, _ in kept]},
            arrays={
                "ends": np.concatenate([np.empty(0), *(ends for ends, _ in kept)]),
                "past": np.concatenate([np.empty((0, width)), *(past for _, past in kept)]),
            },
        )

    def load(self, state: State) -> None:
        at = np.cumsum([0, *map(int, state.tree["counts"])])
        self._known = {
            str(unit): (state.arrays["ends"][a:b], state.arrays["past"][a:b])
            for unit, a, b in zip(state.tree["units"], at[:-1], at[1:], strict=True)
        }

    def _statistics(self, examples: Examples) -> NDArray[np.float64]:
        """[N, F] of every sensor, in the order of the columns."""
        result = np.full((len(examples), len(self._sensors) * len(TOLD)), np.nan)
        windows = examples.windows
        if windows is None:
            return result
        for rows, at in chunks(windows):
            for place, sensor in enumerate(self._sensors):
                own = statistics(np.asarray(windows.readings[at, windows.names.index(sensor.name)]))
                for offset, name in enumerate(TOLD):
                    result[rows, place * len(TOLD) + offset] = own[name]
        return result

    def _beside(
        self,
        now: NDArray[np.float64],
        begin: NDArray[np.float64],
        ends: NDArray[np.float64],
        past: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """[n, F] of windows that begin at `begin` [n], beside those that ended at `ends` [K], rising."""
        import pandas as pd

        rolling = pd.DataFrame(past).rolling(self._windows, min_periods=self._least)
        middle = rolling.median().to_numpy()
        spread = (rolling.quantile(0.84) - rolling.quantile(0.16)).to_numpy() / 2
        last = np.searchsorted(ends, begin, side="right") - 1
        result = np.full(now.shape, np.nan)
        there = last >= 0
        with np.errstate(invalid="ignore", divide="ignore"):
            away = now[there] - middle[last[there]]
            floor = 1e-6 * np.abs(middle[last[there]]) + 1e-12
            result[there] = (away / np.maximum(spread[last[there]], floor)).clip(-MOST, MOST)
        return result


def _units(
    examples: Examples,
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
    """(unit, positions of its windows, when each begins, when each ends), by time or by the place in the readings.

    A recording begins anew with each, and has no past.
    """
    windows = examples.windows
    if windows is None or windows.rows is None:
        return
    names: Any = examples.group if examples.group is not None else examples.source
    named = np.array(["" if name is None else str(name) for name in names], object)
    if windows.times is None:
        begin, end = windows.start.astype(np.float64), windows.stop.astype(np.float64)
    else:
        begin, end = windows.times[:, 0], windows.times[:, 1]
    for unit in np.unique(named.astype(str)):
        rows = np.flatnonzero(named == unit)
        if unit:
            yield str(unit), rows, begin[rows], end[rows]
