"""Stacks of pictures as arrays."""

from __future__ import annotations

import io

import numpy as np
import pytest

from vertikit_plugins.pictures.array import Array


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("shape", "frames", "colours"),
    [
        ((20, 30), 1, 1),
        ((5, 20, 30), 5, 1),
        ((20, 30, 3), 1, 3),
        ((5, 20, 30, 3), 5, 3),
        ((2, 20, 30, 4), 2, 3),
    ],
)
def test_an_array_is_one_picture_or_a_stack_by_its_shape(ask, shape, frames, colours):
    stack = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    outline, found = ask(Array(), saved(stack))
    assert (outline.frames, outline.height, outline.width, outline.kind) == (frames, 20, 30, "array")
    assert found.shape == (frames, 20, 30, colours)
    np.testing.assert_array_equal(found.reshape(-1)[0], stack.reshape(-1)[0])


def test_pictures_of_a_stack_are_read_at_their_places(ask):
    stack = np.arange(6, dtype=np.uint8)[:, None, None].repeat(20, 1).repeat(20, 2)
    assert ask(Array(), saved(stack), range(1, 6, 2))[1][:, 0, 0, 0].tolist() == [1, 3, 5]


def test_yes_and_no_are_white_and_black(ask):
    found = ask(Array(), saved(np.eye(20, dtype=bool)))[1]
    assert set(np.unique(found)) == {0, 255}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x93NUMPY\x01\x00garbage", "no array of NumPy"),
        (saved(np.zeros((20, 20)))[:300], "is cut off"),
        (saved(np.array(["a"] * 400).reshape(20, 20)), "not of pixels"),
        (saved(np.zeros(400)), "not of pictures"),
    ],
)
def test_what_is_no_stack_is_said_in_words(ask, content, said):
    with pytest.raises(ValueError, match=said):
        ask(Array(), content)
