"""Whether what a model points at is where it should be: maps of pictures against masks that a person drew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.picture_columns import Mask

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Examples
    from vertikit.task import Task

PLACES = "places"
"""The column of a frame that holds a picture's counts."""
MOST_FPR = 0.3
LEVELS = 200
"""Thresholds that are tried between no false positive and `MOST_FPR`."""
SAMPLE = 2_000
"""Sound pixels of a picture that thresholds are chosen by."""
SMOOTH = 4 / 224
"""Standard deviation of the blur over a map, as a share of the picture's longer side (Roth et al. 2022)."""

Map = NDArray[np.float32]


def whole_map(small: Map, height: int, width: int) -> Map:
    """A map [h, w] over all of a picture, at the picture's size and smoothed."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    large = Image.fromarray(np.asarray(small, np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    found: Map = gaussian_filter(np.asarray(large, np.float32), SMOOTH * max(height, width))
    return found


def with_places(
    frame: pd.DataFrame,
    task: Task,
    examples: Examples,
    maps: NDArray[np.float32] | None,
    odd: NDArray[np.bool_],
) -> pd.DataFrame:
    """The frame with the counts of its pictures [N] under maps [N, h, w], where the data has masks.

    An odd picture without a mask has none: where it is odd is not known. A sound one has no place that is.
    """
    mask = next(
        (each for each in task.columns if isinstance(each, Mask) and each.name in examples.pictures), None
    )
    if maps is None or mask is None or mask.of not in examples.pictures:
        return frame
    pictures, masks = examples.pictures[mask.of], examples.pictures[mask.name]
    known = np.flatnonzero(pictures.known & (masks.known | ~odd))
    if not (masks.known & odd).any():
        return frame

    def marked(at: int) -> NDArray[np.bool_]:
        if not masks.known[at]:
            return np.zeros(pictures[at].shape[1:3], bool)
        return np.asarray((masks[at][0] > 0).any(axis=2))

    def whole(at: int) -> Map:
        return whole_map(maps[at], *pictures[at].shape[1:3])

    counts = np.full(len(frame), None, object)
    for at, each in zip(known.tolist(), counted(known.tolist(), whole, marked), strict=True):
        counts[at] = each
    return frame.assign(**{PLACES: counts})


def counted(
    which: Sequence[int], whole: Callable[[int], Map], marked: Callable[[int], NDArray[np.bool_]]
) -> list[NDArray[np.float64]]:
    """Of each picture [2 T + 2]: at T falling thresholds, sound pixels at or above it; how many there are; at these
    thresholds, the shares of its marked regions that are covered, summed; how many regions. Such counts add up over
    pictures. Every picture is asked for twice, so that none is kept."""
    from scipy.ndimage import label

    random = np.random.default_rng(0)
    sample = []
    for at in which:
        sound = whole(at)[~marked(at)]
        sample.append(random.choice(sound, min(SAMPLE, len(sound)), replace=False) if len(sound) else sound)
    together = np.concatenate(sample) if sample else np.zeros(0, np.float32)
    if not len(together):
        together = np.zeros(1, np.float32)
    # A little beyond the end, for a sample is not all of them.
    levels = np.quantile(together, 1 - np.linspace(0, min(1.0, MOST_FPR * 1.2), LEVELS))
    levels = np.concatenate([[np.inf], levels])
    found = []
    for at in which:
        values, mask = whole(at), marked(at)
        regions, number = label(mask, np.ones((3, 3)))
        covered = sum(
            (
                _at_or_above(values[regions == each], levels) / (regions == each).sum()
                for each in range(1, number + 1)
            ),
            np.zeros(len(levels)),
        )
        sound = values[~mask]
        found.append(np.concatenate([_at_or_above(sound, levels), [len(sound)], covered, [number]]))
    return found


def aupro(counts: NDArray[np.float64]) -> float:
    """Area under the mean share of regions covered over the share of sound pixels at or above the threshold, up to 0.3
    of these, divided by 0.3 (Bergmann et al. 2020, arXiv:1911.02357; 2021, doi:10.1007/s11263-020-01400-4); of counts
    [N, 2 T + 2]. NaN without a region."""
    total = counts.sum(axis=0)
    half = len(total) // 2
    false, sound, covered, regions = total[: half - 1], total[half - 1], total[half:-1], total[-1]
    if not sound or not regions:
        return float("nan")
    share, overlap = false / sound, covered / regions
    at_end = np.interp(MOST_FPR, share, overlap)
    inside = share < MOST_FPR
    x, y = np.append(share[inside], MOST_FPR), np.append(overlap[inside], at_end)
    return float(np.trapezoid(y, x) / MOST_FPR)


def _at_or_above(values: NDArray[np.float32], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """[T] how many of the values are at or above each level."""
    return len(values) - np.searchsorted(np.sort(values), levels, side="left").astype(np.float64)
