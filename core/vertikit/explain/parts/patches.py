"""A picture as patches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column
from vertikit.explain.parts.part import Part

if TYPE_CHECKING:
    from vertikit.examples import Examples

SIDE = 7
"""Patches along a side of a picture."""


class Patches:
    """Patches of one example's picture, the same in all of its frames. One is taken away by giving it the mean shade of
    the picture.

    `picture` is its middle frame [H, W, C], `grid` the rows and columns of patches.
    """

    called = "patches"

    def __init__(self, column: Column, example: Examples) -> None:
        self._column = column.name
        self._pictures = example.pictures[column.name]
        self._own = self._pictures[0]
        height, width = self._own.shape[1:3]
        rows, columns = (_ends(side) for side in (height, width))
        self._boxes = [
            (top, bottom, left, right) for top, bottom in pairwise(rows) for left, right in pairwise(columns)
        ]
        across = len(columns) - 1
        self.grid = (len(rows) - 1, across)
        self.picture = self._own[(len(self._own) - 1) // 2]
        self.parts = [
            Part(column.name, f"patch {at // across + 1}, {at % across + 1}", "", column.private, at, at + 1)
            for at in range(len(self._boxes))
        ]

    def without(self, copies: Examples, kept: NDArray[np.bool_]) -> Examples:
        shade = self._own.mean(axis=(0, 1, 2)).round().astype(np.uint8)
        altered = []
        for line in kept:
            own = self._own.copy()
            for at in np.flatnonzero(~line):
                top, bottom, left, right = self._boxes[at]
                own[:, top:bottom, left:right] = shade
            altered.append(own.ravel())
        count, old = len(kept), self._pictures
        place = np.zeros(count, np.int64) + int(old.place[0])
        names = np.zeros((count, 16), np.uint8)
        names[:, :8] = np.arange(count, dtype=np.int64)[:, None].view(np.uint8)
        pictures = replace(
            old, pixels=np.concatenate(altered), start=np.arange(count, dtype=np.int64) * self._own.size,
            shapes=old.shapes[place], sizes=old.sizes[place], kinds=old.kinds[place], left_out=old.left_out[place],
            digests=names.view("V16").ravel(), hashes=old.hashes[place], place=np.arange(count, dtype=np.int64),
        )  # fmt: skip
        return replace(copies, pictures={**copies.pictures, self._column: pictures})


def _ends(side: int) -> list[int]:
    count = max(1, min(SIDE, side))
    return [int(each) for each in np.linspace(0, side, count + 1).round()]
