"""NIfTI: slices as a radiologist looks at them."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

nibabel = pytest.importorskip("nibabel")

from vertikit_plugins.pictures.nifti import Nifti  # noqa: E402


@pytest.fixture
def volume():
    """Bright at the patient's right front, in the upper half."""
    found = np.zeros((20, 24, 10), np.int16)
    found[15:, 18:, 5:] = 1000
    return found


def saved(values, affine):
    return nibabel.Nifti1Image(values, affine).to_bytes()


LAS = np.diag([-1.0, 1, 1, 1])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_right_is_on_the_left_and_front_is_up_whatever_the_storage(ask, volume, pack):
    outline, upright = ask(Nifti(), pack(saved(volume, np.eye(4))))
    assert (outline.frames, outline.height, outline.width, outline.kind) == (10, 24, 20, "nifti")
    assert upright[7, 0, 0, 0] == 255  # right front
    assert upright[7, -1, -1, 0] == 0 and upright[2].max() == 0
    _, mirrored = ask(Nifti(), pack(saved(volume[::-1].copy(), LAS)))
    np.testing.assert_array_equal(mirrored, upright)


def test_slices_are_read_at_their_places(ask, volume):
    whole = ask(Nifti(), saved(volume, np.eye(4)))[1]
    some = ask(Nifti(), saved(volume, np.eye(4)), range(1, 10, 3))[1]
    np.testing.assert_array_equal(some, whole[1::3])


def test_a_single_bright_voxel_does_not_darken_the_others(ask):
    values = np.random.default_rng(0).normal(100, 10, (20, 20, 20)).astype(np.float32)
    values[0, 0, 0] = 1e6
    assert ask(Nifti(), saved(values, np.eye(4)))[1].mean() > 80


def test_of_a_series_in_time_the_first_volume_is_read(ask):
    series = np.stack([np.full((12, 12, 9), at, np.int16) for at in (3, 9)], axis=-1)
    series[0, 0, 0] = 0
    outline, found = ask(Nifti(), saved(series, np.eye(4)))
    assert outline.frames == 9 and found.shape == (9, 12, 12, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no volume at all, of nobody" * 30, "cut off or damaged, or none"),
        (saved(np.zeros((20, 20, 20), np.int16), np.eye(4))[:2000], "cut off or damaged"),
        (gzip.compress(saved(np.zeros((20, 20, 20), np.int16), np.eye(4)))[:60], "cut off or damaged"),
        (saved(np.zeros((20, 20), np.int16), np.eye(4)), "not a volume"),
    ],
)
def test_what_is_no_volume_is_said_in_words(ask, content, said):
    with pytest.raises(ValueError, match=said):
        ask(Nifti(), content)


def test_a_bomb_is_refused(ask, monkeypatch):
    monkeypatch.setattr("vertikit_plugins.pictures.nifti.LARGEST", 1000)
    with pytest.raises(ValueError, match="has more than 1,000 bytes"):
        ask(Nifti(), gzip.compress(saved(np.zeros((20, 20, 20), np.int16), np.eye(4))))
