"""Windows of readings: what examples made of several rows hold of each sensor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices


@dataclass(frozen=True)
class Ahead:
    """What forecasts need to know of the readings that windows are cut from: these lie on a grid, series by series, and
    the target of an example are the readings from the end of its window to its reach.

    Args:
        series: [N] the name of each example's series, "" where the data has one alone.
        begin: [N] the position in `readings` of the series' first reading: all before the end of a window is known.
        stamps: [M] seconds since 1970 of each reading, of those to come too.
        target: the name among the sensors that is foretold.
        known: names of those that are known for the steps to come.
        horizon: steps that are foretold. season: steps after which the course repeats.
        step: seconds between two readings; 0 where each row is the next step.
    """

    series: NDArray[np.object_]
    begin: Indices
    stamps: NDArray[np.float64]
    target: str
    known: tuple[str, ...]
    horizon: int
    season: int
    step: float

    def take(self, indices: Indices) -> Ahead:
        """Of the examples at these positions."""
        return replace(self, series=self.series[indices], begin=self.begin[indices])


@dataclass(frozen=True)
class Windows:
    """Readings of C sensors, in order, and for each of N examples which of them are its own.

    Windows that overlap share their readings: they are kept once, on disk, and read memory-mapped.

    Args:
        readings: [M, C] float64, memory-mapped, NaN where missing.
        names: of the sensors.
        start, stop: [N] the first reading of an example, and the one after its last.
        reach: [N] the reading after the last that its target depends on; more than `stop` where that looks ahead.
        rows: [M] the number in its file of the row that a reading is from; None for recordings, whose readings
            are counted from the first of their own.
        times: [N, 2] seconds since 1970 of the first and the last reading, or None where there are no times.
        origin: [N] for recordings: the position in `readings` of the recording's own first reading.
        ahead: where the target is the readings that follow.
    """

    readings: NDArray[np.float64]
    names: tuple[str, ...]
    start: Indices
    stop: Indices
    reach: Indices
    rows: Indices | None = None
    origin: Indices | None = None
    times: NDArray[np.float64] | None = None
    ahead: Ahead | None = None

    def __len__(self) -> int:
        return len(self.start)

    @property
    def lengths(self) -> Indices:
        """[N] readings of each example."""
        return self.stop - self.start

    def take(self, indices: Indices) -> Windows:
        """Those of the examples at these positions, in that order; the readings are the same."""
        return replace(
            self,
            start=self.start[indices],
            stop=self.stop[indices],
            reach=self.reach[indices],
            origin=None if self.origin is None else self.origin[indices],
            times=None if self.times is None else self.times[indices],
            ahead=None if self.ahead is None else self.ahead.take(indices),
        )

    def last(self, name: str) -> NDArray[np.float64]:
        """[N] a sensor's reading at the end of each window."""
        import numpy as np

        return np.asarray(self.readings[self.stop - 1, self.names.index(name)])

    def with_known_ahead(
        self, names: Sequence[str], values: Sequence[NDArray[np.float64]], path: Path | None = None
    ) -> Windows:
        """With further sensors that are known for the steps to come, of values [M] each; kept at `path`, if any."""
        import numpy as np

        assert self.ahead is not None
        width = len(self.names)
        shape = (len(self.readings), width + len(names))
        found: NDArray[np.float64] = (
            np.empty(shape)
            if path is None or not shape[0]
            else np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)
        )
        found[:, :width] = self.readings
        for at, each in enumerate(values):
            found[:, width + at] = each
        if isinstance(found, np.memmap):
            found.flush()
        ahead = replace(self.ahead, known=(*self.ahead.known, *names))
        return replace(self, readings=found, names=(*self.names, *names), ahead=ahead)

    def following(self, name: str, count: int) -> NDArray[np.float64]:
        """[N, count] a sensor's readings after the end of each window, NaN where there are none."""
        import numpy as np

        at = self.stop[:, None] + np.arange(count)
        column = np.asarray(self.readings[:, self.names.index(name)])
        found = column[np.minimum(at, max(len(column) - 1, 0))] if len(column) else np.empty(at.shape)
        return np.where(at < self.reach[:, None], found, np.nan)

    def judged(self) -> NDArray[np.bool_]:
        """[M] readings that answers to these examples are judged by: what a forecast sees of the past is known."""
        import numpy as np

        if self.ahead is None:
            return self.touched(ahead=True)
        edges = np.zeros(len(self.readings) + 1, np.int64)
        np.add.at(edges, self.stop, 1)
        np.add.at(edges, self.reach, -1)
        return np.asarray(np.cumsum(edges)[:-1] > 0)

    def touched(self, *, ahead: bool) -> NDArray[np.bool_]:
        """[M] readings that any of these windows holds; with `ahead` those that its target depends on as well."""
        import numpy as np

        edges = np.zeros(len(self.readings) + 1, np.int64)
        np.add.at(edges, self.start, 1)
        np.add.at(edges, self.reach if ahead else self.stop, -1)
        return np.asarray(np.cumsum(edges)[:-1] > 0)

    def touching(self, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """[N] whether a window, or what its target depends on, holds any of the `marked` [M] readings."""
        import numpy as np

        before = np.concatenate([[0], np.cumsum(marked)])
        return np.asarray(before[self.reach] > before[self.start])

    def places(self) -> list[str]:
        """[N] the rows that each example covers, as "1-60" or "1-4,7,9-12"; of recordings, which readings."""
        import numpy as np

        if self.rows is None:
            origin = self.start if self.origin is None else self.origin
            return [
                f"readings {start}-{stop - 1}"
                for start, stop in zip(self.start - origin, self.stop - origin, strict=True)
            ]
        told = []
        for start, stop in zip(self.start.tolist(), self.stop.tolist(), strict=True):
            own = np.sort(self.rows[start:stop])
            own = own[own > 0]  # a gap that was filled in has no row
            breaks = np.flatnonzero(np.diff(own) != 1) + 1
            pieces = np.split(own, breaks)
            told.append(
                ",".join(f"{each[0]}-{each[-1]}" if len(each) > 1 else str(each[0]) for each in pieces)
            )
        return told
