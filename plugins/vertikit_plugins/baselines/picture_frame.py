"""All of a picture but what it shows: its borders, corners, size and kind, and what stands beside it in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit import VertikitError
from vertikit.picture_columns import Image
from vertikit.prepare.pictures.shrinking import grey, resized
from vertikit_plugins.baselines.feature_logistic import FeatureLogistic

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples

SIDE = 32
BORDER = 2
"""Pixels of a small picture, along each edge, that are looked at."""
CORNER = 5
RARE = 5
"""Values that fewer rows of training have are one."""
PLAIN = ("group", "id", "target", "reference", "mask")
"""Roles of columns that name a row or answer for it, and are no metadata."""


class PictureFrame(FeatureLogistic):
    """The shortcut check: where this does as well as a model, that is not shown to look at what matters.

    Features: means and spreads along the four edges and in the four corners of a small grey picture, height, width,
    their ratio and the kind of the file, and every column of the data that says something about a row and is neither
    picture, nor target, nor name (view, site, sex, age band), as indicators. See `FeatureLogistic`. DeGrave et al.
    2021, Nature Machine Intelligence 3:610-619, shows what models take from these.
    """

    name = "picture-frame"

    def __init__(
        self, inputs: tuple[Column, ...], seed: int, c: float | None = None, columns: tuple[Column, ...] = ()
    ) -> None:
        super().__init__(inputs, seed, c)
        self._column = next((column.name for column in inputs if isinstance(column, Image)), "")
        self._beside = tuple(
            column.name for column in columns if column.role not in PLAIN and not isinstance(column, Image)
        )
        self._columns = columns
        self._values: dict[str, list[str]] = {}
        if not self._column:
            raise VertikitError(
                f"baseline {self.name} looks at the frames of pictures, and this task has none.",
                "Leave it out of the recipe's baselines.",
            )

    def refit(self, train: Examples, target: NDArray[np.object_]) -> FeatureLogistic:
        other = PictureFrame(self._inputs, self.seed, self.c, self._columns)
        other.fit(train, target, train.take(np.empty(0, np.int64)), target[:0])
        return other

    def learn(self, train: Examples) -> None:
        """The values of each column that enough rows have."""
        self._values = {"kind": _common(_kinds(train, self._column))}
        for name in self._beside:
            if name in train.table.column_names:
                self._values[name] = _common([str(value) for value in train.column(name)])

    def learnt(self) -> dict[str, Any]:
        return {"values": self._values}

    def take_up(self, tree: Any) -> None:
        self._values = {str(name): [str(each) for each in values] for name, values in tree["values"].items()}

    def features(self, examples: Examples) -> NDArray[np.float64]:
        pictures = examples.pictures[self._column]
        used, which = np.unique(pictures.place, return_inverse=True)
        seen = (
            np.stack([_edges(pictures.picture(place)) for place in used.tolist()])
            if len(used)
            else np.empty((0, 16))
        )
        height, width = np.log(pictures.sizes[pictures.place].astype(np.float64)).T
        blocks = [seen[which], np.stack([height, width, height - width], axis=1)]
        for name, known in self._values.items():
            if name == "kind":
                own = np.array(_kinds(examples, self._column), object)
            elif name in examples.table.column_names:
                own = np.array([str(value) for value in examples.column(name)], object)
            else:
                own = np.full(len(examples), "None", object)
            blocks.append((own[:, None] == np.array(known, object)[None, :]).astype(np.float64))
        return np.concatenate(blocks, axis=1)


def _kinds(examples: Examples, column: str) -> list[str]:
    pictures = examples.pictures[column]
    return [str(each) for each in pictures.kinds[pictures.place]]


def _common(values: list[str]) -> list[str]:
    names, counts = np.unique(np.array(values, object).astype(str), return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count >= RARE]


def _edges(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """[16] of the middle frame."""
    small = resized(grey(frames[len(frames) // 2])[:, :, None], (SIDE, SIDE))[:, :, 0].astype(np.float64)
    edges = (small[:BORDER], small[-BORDER:], small[:, :BORDER], small[:, -BORDER:])
    corners = [small[rows, columns] for rows in (slice(CORNER), slice(-CORNER, None))
               for columns in (slice(CORNER), slice(-CORNER, None))]  # fmt: skip
    means = [each.mean() for each in (*edges, *corners)]
    spreads = [each.std() for each in (*edges, *corners)]
    return np.array([*means, *spreads])
