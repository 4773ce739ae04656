"""Windows of one length at a time, so that a whole array of them is worked on at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from vertikit.examples import Indices
    from vertikit.windows import Windows

AT_ONCE = 2_000_000
"""Readings that are worked on together."""


def chunks(windows: Windows) -> Iterator[tuple[Indices, Indices]]:
    """(positions [n] of windows of one length L, where their readings lie [n, L]), in the order of the readings."""
    lengths = windows.lengths
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        same = same[np.argsort(windows.start[same], kind="stable")]
        step = max(1, AT_ONCE // int(length))
        for start in range(0, len(same), step):
            rows = same[start : start + step]
            yield rows, windows.start[rows][:, None] + np.arange(length)
