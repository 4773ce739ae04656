"""AUPRO of maps against masks, by counts of pictures that add up."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.evaluate.places import aupro, counted, whole_map

SIDE = 60


def masks(count: int, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    found = []
    for at in range(count):
        mask = np.zeros((SIDE, SIDE), bool)
        if at % 3:
            y, x = random.integers(0, 45, 2)
            mask[y : y + 3, x : x + 3] = True
            mask[50:58, 5 : 5 + at % 7 * 5] = True  # a second region, larger or none
        found.append(mask)
    return found


def area(maps: list[np.ndarray], drawn: list[np.ndarray]) -> float:
    return aupro(np.stack(counted(range(len(drawn)), lambda at: maps[at], lambda at: drawn[at])))


def reference(maps: list[np.ndarray], drawn: list[np.ndarray]) -> float:
    """By the definition, at every value that occurs."""
    from scipy.ndimage import label

    values, sound = np.stack(maps), ~np.stack(drawn)
    shares, overlaps = [], []
    for level in np.quantile(values[sound], np.linspace(1, 0.65, 600)):
        inside = []
        for each, mask in zip(maps, drawn, strict=True):
            regions, number = label(mask, np.ones((3, 3)))
            inside += [(each[regions == region] >= level).mean() for region in range(1, number + 1)]
        shares.append((values[sound] >= level).mean())
        overlaps.append(np.mean(inside))
    x, y = np.array([0.0, *shares]), np.array([overlaps[0], *overlaps])
    grid = np.linspace(0, 0.3, 2000)
    return float(np.trapezoid(np.interp(grid, x, y), grid) / 0.3)


def test_it_is_the_area_of_the_definition() -> None:
    random = np.random.default_rng(1)
    drawn = masks(12)
    maps = [(random.random((SIDE, SIDE)) + 0.5 * mask).astype(np.float32) for mask in drawn]
    assert area(maps, drawn) == pytest.approx(reference(maps, drawn), abs=0.01)


def test_pointing_at_the_place_gives_one_and_away_from_it_none() -> None:
    random = np.random.default_rng(2)
    drawn = masks(9)
    noise = [random.random((SIDE, SIDE)).astype(np.float32) for _ in drawn]
    assert area([each + 2 * mask for each, mask in zip(noise, drawn, strict=True)], drawn) > 0.99
    assert area([each - 2 * mask for each, mask in zip(noise, drawn, strict=True)], drawn) == 0
    assert area(noise, drawn) == pytest.approx(0.15, abs=0.04), "chance: the mean of 0 to 0.3, over 0.3"


def test_a_small_region_counts_like_a_large_one() -> None:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:30, :30] = mask[50:52, 50:52] = True
    seen = np.random.default_rng(3).random((SIDE, SIDE)).astype(np.float32)
    large, small = seen.copy(), seen.copy()
    large[:30, :30] += 2
    small[50:52, 50:52] += 2
    assert area([large], [mask]) == pytest.approx(area([small], [mask]), abs=0.1)


def test_counts_add_up_and_without_a_region_there_is_no_area() -> None:
    drawn = masks(6)
    maps = [np.random.default_rng(at).random((SIDE, SIDE)).astype(np.float32) for at in range(6)]
    counts = np.stack(counted(range(6), lambda at: maps[at], lambda at: drawn[at]))
    assert aupro(np.concatenate([counts, counts])) == pytest.approx(aupro(counts))
    assert np.isnan(aupro(counts[[0, 3]]))


def test_a_map_lies_over_its_picture() -> None:
    small = np.zeros((8, 8), np.float32)
    small[6, 1] = 1
    found = whole_map(small, 80, 40)
    assert found.shape == (80, 40)
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert abs(y - 65) <= 3 and abs(x - 7.5) <= 3
