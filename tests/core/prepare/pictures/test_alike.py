"""Pictures that look alike are found, those that do not are not, and a split keeps them together."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.prepare.pictures.alike import alike, kept_together, near_any
from vertikit.prepare.pictures.decoding import read_pictures
from vertikit.prepare.pictures.shrinking import resized
from vertikit.prepare.roots import Root
from vertikit.recipe.model import PictureChoice


@pytest.fixture
def pictures(tmp_path, registry):
    def pictures(arrays):
        for at, array in enumerate(arrays):
            np.save(tmp_path / f"{at}.npy", array)
        root = Root(tmp_path)
        cells = [f"{at}.npy" for at in range(len(arrays))]
        return read_pictures(cells, lambda _: root, registry, PictureChoice(), tmp_path / "pixels").pictures

    return pictures


def again(picture, seed=0):
    """The same picture taken a second time: smaller, a little brighter, with noise."""
    height, width = picture.shape
    small = resized(picture[:, :, None], (width * 4 // 5, height * 4 // 5))[:, :, 0]
    noisy = small * 1.03 + 2 + np.random.default_rng(seed).normal(0, 2, small.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def test_a_picture_taken_again_is_alike_and_others_are_not(pictures, texture):
    one, two = texture(1, 90, 120), texture(2, 90, 120)
    codes = alike(pictures([one, two, again(one), texture(3, 90, 120), one]), 0.98)
    assert codes[0] == codes[2] == codes[4] >= 0
    assert codes[1] == codes[3] == -1


def test_blank_pictures_are_not_taken_for_shots_of_one_part(pictures, texture):
    blank = [np.full((30, 30), 100 + at, np.uint8) for at in range(4)]
    assert (alike(pictures([*blank, texture(1)]), 0.98) == -1).all()


def test_groups_are_joined_by_pictures_that_look_alike():
    groups = np.array(["ann", "ann", "bob", "cid", None, None], object)
    found = kept_together(groups, np.array([-1, 7, 7, -1, 9, 9]))
    assert found[0] == found[1] == found[2]
    assert found[4] == found[5]
    assert len({found[0], found[3], found[4]}) == 3


def test_without_groups_only_pictures_that_look_alike_are_kept_together():
    found = kept_together(None, np.array([3, -1, 3]))
    assert found.tolist() == ["alike-3", None, "alike-3"]
    assert kept_together(None, np.array([-1, -1])) is None


def test_a_training_picture_near_a_judging_one_is_told_and_a_copy_is_not(pictures, texture):
    one = texture(1, 90, 120)
    found = pictures([one, again(one), texture(2), one])
    near = near_any(found.take(np.array([1, 2, 3])), found.take(np.array([0])), 0.98)
    assert near.tolist() == [True, False, False]
