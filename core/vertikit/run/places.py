"""Pictures with the places that a head points at: of the test part for a report, and of new rows as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.evaluate.places import whole_map
from vertikit.picture_columns import Image, Mask
from vertikit.run.pictures import Shown, as_png, beside, overlay

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Examples
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task

COLDEST, HOTTEST = 0.6, 1.4
"""Of the threshold, where the heat of a place begins and is full."""
HEADINGS = (
    "Missed: odd, and taken for sound", "Rejected for nothing: sound, and taken for odd",
    "Caught: odd, and taken for odd", "Passed: sound, and taken for sound",
)  # fmt: skip
NOTE = (
    "Left the picture, right the same with how far each place is from all that is known of sound ones, hot from the "
    "threshold on; what a person marked is drawn around in green."
)
FOLDER = "heatmaps"


def views(task: Task, parts: ModelParts, examples: Examples, maps: NDArray[np.float32]) -> list[bytes]:
    """A PNG for each example: its picture and, beside it, the same under its map [h, w] of `maps` [N, h, w]."""
    column, mask = picture_column(task, examples), None
    for each in task.columns:
        if isinstance(each, Mask) and each.of == column and each.name in examples.pictures:
            mask = examples.pictures[each.name]
    threshold = float(getattr(parts.calibration, "threshold", 0.0)) or float(maps.max())
    found = []
    for at in range(len(examples)):
        frames = examples.pictures[column][at]
        picture = frames[(len(frames) - 1) // 2]
        height, width = picture.shape[:2]
        heat = (whole_map(maps[at], height, width) / threshold - COLDEST) / (HOTTEST - COLDEST)
        drawn = (mask[at][0] > 0).any(axis=2) if mask is not None and mask.known[at] else None
        found.append(as_png(beside(overlay(picture, None), overlay(picture, heat.clip(0, 1), drawn))))
    return found


def picture_column(task: Task, examples: Examples) -> str:
    """The first input that is a picture here; "" where there is none."""
    named = (each.name for each in task.inputs if isinstance(each, Image))
    return next((name for name in named if name in examples.pictures), "")


def chosen(frame: pd.DataFrame, most: int) -> list[tuple[int, str]]:
    """Positions of what is missed, rejected for nothing, caught and passed, each with its heading; of each the ones
    that lie farthest on the side where they were put, kinds in turn; of what is passed those nearest to the threshold.
    """
    odd = np.asarray(frame["truth"] == "odd", bool)
    said = np.asarray(frame["prediction"] == "odd", bool)
    score = frame["score"].to_numpy(np.float64)
    kinds = np.asarray(frame["kind"], object)
    queues = [
        _in_turn(np.flatnonzero(odd & ~said), score, kinds),
        _in_turn(np.flatnonzero(~odd & said), -score, kinds),
        _in_turn(np.flatnonzero(odd & said), -score, kinds),
        _in_turn(np.flatnonzero(~odd & ~said), -score, kinds),
    ]
    share = [round(most * part) for part in (0.35, 0.15, 0.35)]
    share.append(most - sum(share))
    return [
        (at, heading)
        for queue, count, heading in zip(queues, share, HEADINGS, strict=True)
        for at in queue[:count]
    ]


def shown(
    task: Task, parts: ModelParts, examples: Examples, frame: pd.DataFrame, most: int
) -> tuple[list[Shown], str]:
    """Pictures for a report, and a sentence on them."""
    picked = chosen(frame, most)
    if not picked:
        return [], NOTE
    at = np.array([position for position, _ in picked], np.int64)
    own = examples.take(at)
    score, kinds = frame["score"].to_numpy(np.float64), np.asarray(frame["kind"], object)
    pictures = views(task, parts, own, parts.located(own)[1])
    said = [
        f"Row {row}: {kinds[each]} (score {score[each]:.2f})" for row, each in zip(own.rows, at, strict=True)
    ]
    return [
        Shown(int(row), heading, words, png)
        for row, (_, heading), words, png in zip(own.rows, picked, said, pictures, strict=True)
    ], NOTE


def write_heatmaps(
    folder: Path, task: Task, parts: ModelParts, examples: Examples, maps: NDArray[np.float32]
) -> int:
    """`heatmaps/<row>.png` for each example, with the name of its file before it where there are several; how many."""
    if not picture_column(task, examples):
        return 0
    place = folder / FOLDER
    place.mkdir(mode=0o700)
    several = len(set(examples.source.tolist())) > 1
    for start in range(0, len(examples), 256):
        at = np.arange(start, min(start + 256, len(examples)))
        own = examples.take(at)
        for row, source, png in zip(own.rows, own.source, views(task, parts, own, maps[at]), strict=True):
            name = f"{Path(str(source)).stem}-{row}" if several else f"{row}"
            (place / f"{name}.png").write_bytes(png)
    return len(examples)


def _in_turn(
    positions: NDArray[np.int64], order: NDArray[np.float64], kinds: Sequence[object] | NDArray[np.object_]
) -> list[int]:
    """By rising `order`, one of each kind after the other."""
    queues: dict[object, list[int]] = {}
    for at in positions[np.argsort(order[positions], kind="stable")].tolist():
        queues.setdefault(kinds[at], []).append(at)
    found = []
    while any(queues.values()):
        found += [queue.pop(0) for queue in queues.values() if queue]
    return found
