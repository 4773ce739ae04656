"""Further examples after those that are there: their rows, windows and pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import scratch
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.pictures import Pictures
    from vertikit.windows import Windows


def appended(key: str, first: Examples, further: Examples) -> Examples:
    """Both, one after the other, with the columns that both have; UsageError, naming the recipe's `key`, where the
    further ones lack what the first have."""
    from datasets import concatenate_datasets

    columns = [name for name in first.table.column_names if name in further.table.column_names]
    tables = [part.table.select_columns(columns) for part in (first, further)]
    tables[1] = tables[1].cast(tables[0].features)
    count = len(first) + len(further)
    windows = None
    if first.windows is not None:
        windows = _windows(key, first.windows, further.windows)
    return replace(
        first,
        table=concatenate_datasets(tables),
        rows=np.arange(count, dtype=np.int64),
        source=np.full(count, "", object),
        part=np.full(count, "", object),
        group=None,
        span=None,
        windows=windows,
        pictures={name: _pictures(key, name, each, further) for name, each in first.pictures.items()},
    )


def _windows(key: str, first: Windows, further: Windows | None) -> Windows:
    """Windows over the readings of both, the sensors in the order of the first."""
    lacking = [name for name in first.names if further is None or name not in further.names]
    if further is None or lacking:
        raise UsageError(
            f"{key}: its rows have no sensor {lacking[0]!r}, which the others have.",
            "Give rows of the same sensors.",
        )
    places = [further.names.index(name) for name in first.names]
    shift = len(first.readings)
    readings = scratch.zeros((shift + len(further.readings), len(first.names)), np.float64)
    readings[:shift] = first.readings
    readings[shift:] = further.readings[:, places]
    return replace(
        first,
        readings=readings,
        start=np.concatenate([first.start, further.start + shift]),
        stop=np.concatenate([first.stop, further.stop + shift]),
        reach=np.concatenate([first.reach, further.reach + shift]),
        rows=None,
        origin=None,
        times=None,
    )


def _pictures(key: str, name: str, first: Pictures, further: Examples) -> Pictures:
    own = further.pictures.get(name)
    if own is None:
        raise UsageError(f"{key}: its rows have no picture {name!r}.", "Give rows with pictures.")
    pixels: NDArray[Any] = scratch.zeros((len(first.pixels) + len(own.pixels),), np.uint8)
    pixels[: len(first.pixels)] = first.pixels
    pixels[len(first.pixels) :] = own.pixels
    count = len(first.start)
    both = {
        field: np.concatenate([getattr(first, field), getattr(own, field)])
        for field in ("shapes", "sizes", "kinds", "left_out", "digests", "hashes")
    }
    return replace(
        first,
        pixels=pixels,
        start=np.concatenate([first.start, own.start + len(first.pixels)]),
        place=np.concatenate([first.place, np.where(own.place < 0, -1, own.place + count)]),
        **both,
    )
