"""Recordings that rows name: read one after another into one file of readings, and cut into windows there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.durations import microseconds
from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.places import several
from vertikit.prepare.roots import Root
from vertikit.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.contracts import Recorded, RecordingReader
    from vertikit.examples import Indices

_CELL = re.compile(r"(?P<name>[^\[\]]*?)(\[(?P<row>\d+)\])?(\[(?P<start>\d*):(?P<stop>\d*)\])?")


@dataclass
class Recordings:
    """What was read: readings [M, C] one recording after another, where each begins and ends, and what could not be.

    Args:
        row: [R] the position of the row that names a recording. bounds: [R, 2] its first reading, and the one after its
            last. rate: readings a second, where the files say. bad: position of a row -> why it has none.
    """

    readings: NDArray[np.float64]
    row: Indices
    bounds: Indices
    rate: float | None
    bad: dict[int, str]


@dataclass
class _Reader:
    """Reads cells, and keeps the file that was read last: the next cell is often of the same."""

    root: Root
    readers: list[RecordingReader]
    last: tuple[str, Recorded] | None = field(default=None)

    def read(self, cell: str) -> tuple[NDArray[Any], float | None]:
        """(readings [T, C], their rate); ValueError in words where there are none."""
        import numpy as np

        match = _CELL.fullmatch(cell)
        if match is None:
            raise ValueError("is of none of the forms name, name[3], name[160:320]")
        name, row = match["name"], match["row"]
        if name.isdigit() and row is None and len(self.root.names()) == 1:
            name, row = self.root.names()[0], name  # a lone array, of which the cell names a row
        found = self._file(name)
        values = np.asarray(found.values)
        if row is not None:
            if values.ndim < 2 or int(row) >= len(values):
                raise ValueError(f"asks for row {row} of an array of shape {list(values.shape)}")
            values = values[int(row)]
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2 or values.dtype.kind not in "iuf":
            raise ValueError(
                f"has an array of shape {list(values.shape)} and type {values.dtype}, not of readings"
            )
        if match["start"] is not None:
            values = values[int(match["start"] or 0) : int(match["stop"]) if match["stop"] else None]
        if not len(values):
            raise ValueError("has no readings")
        return values, found.rate

    def _file(self, name: str) -> Recorded:
        if self.last is not None and self.last[0] == name:
            return self.last[1]
        inside, content = self.root.open(name)
        with content:
            reader = next((each for each in self.readers if each.reads(inside)), None)
            if reader is None:
                raise ValueError("is of no kind that can be read")
            try:
                found = reader.read(content)
            except Exception as error:  # a damaged file is the row's fault, whatever a library says of it
                raise ValueError(f"cannot be read ({type(error).__name__})") from error
        self.last = (name, found)
        return found


def read_recordings(cells: list[str | None], root: Root, registry: Registry, path: Path) -> Recordings:
    """Read what each cell names; VertikitError where recordings are sampled at different rates."""
    import numpy as np

    readers = [component.resolve()() for component in registry.components("recordings")]
    reader = _Reader(root, readers)
    kept: list[tuple[int, int]] = []
    bad: dict[int, str] = {}
    rates: dict[float, int] = {}
    width = 0
    with path.open("wb") as file:
        for at, values, rate in _read_all(reader, cells, bad):
            width = width or values.shape[1]
            if values.shape[1] != width:
                bad[at] = (
                    f"its recording has {several(values.shape[1], 'channel')}, and the first has {width}"
                )
                continue
            np.asarray(values, np.float64).tofile(file)
            kept.append((at, len(values)))
            if rate is not None:
                rates[rate] = rates.get(rate, 0) + 1
    if len(rates) > 1:
        told = " and ".join(
            f"{rate:g} Hz ({several(count, 'recording')})" for rate, count in sorted(rates.items())
        )
        raise VertikitError(
            f"recordings are sampled at different rates, {told}: their frequencies cannot be compared.",
            "Resample them to one rate.",
        )
    ends = np.cumsum([0, *(count for _, count in kept)])
    shape = (int(ends[-1]), max(1, width))
    readings = np.memmap(path, np.float64, mode="r", shape=shape) if shape[0] else np.empty(shape)
    return Recordings(
        readings,
        np.array([at for at, _ in kept], np.int64),
        np.stack([ends[:-1], ends[1:]], axis=1).astype(np.int64),
        next(iter(rates), None),
        bad,
    )


def _read_all(
    reader: _Reader, cells: list[str | None], bad: dict[int, str]
) -> Iterator[tuple[int, NDArray[Any], float | None]]:
    for at, cell in enumerate(cells):
        if not cell:
            bad[at] = "its recording is missing"
            continue
        try:
            values, rate = reader.read(cell)
        except ValueError as error:
            bad[at] = f"its recording {error}"
            continue
        yield at, values, rate


def in_readings(length: int | str, rate: float | None, key: str) -> int:
    """A length in readings; UsageError where it is a time and the recordings do not say how long a reading is."""
    if isinstance(length, int):
        return length
    if rate is None:
        raise UsageError(
            f"reshape.{key}={length} is a time, and the recordings do not say at what rate they were read.",
            f"Count readings: --set reshape.{key}=2048",
        )
    return max(1, round(microseconds(length) / 1e6 * rate))
