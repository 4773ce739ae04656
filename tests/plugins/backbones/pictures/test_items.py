"""Pictures as items: squares, frames, and what training alters."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.plugins.backbones.pictures.conftest import pictures_of
from vertikit import UsageError
from vertikit.contracts import AugmentingItems
from vertikit_plugins.backbones.pictures.augmenting import Augmentation
from vertikit_plugins.backbones.pictures.items import Framing, PictureItems

ALL = {
    "flip": 0.5,
    "rotate": 10,
    "shift": 0.1,
    "zoom": 0.1,
    "brightness": 0.2,
    "contrast": 0.2,
    "noise": 0.02,
}


def test_every_frame_is_a_square_and_knows_its_item(pictures):
    batch = PictureItems(pictures, Framing(32)).collate(np.array([2, 0]))
    assert batch["pixels"].shape == (4, 3, 32, 32)
    assert batch["pixels"].dtype == torch.uint8
    assert batch["owner"].tolist() == [0, 0, 0, 1]


def test_an_item_is_the_same_in_any_batch(pictures):
    items = PictureItems(pictures, Framing(32))
    whole, alone = items.collate(np.array([0, 1, 3])), items.collate(np.array([3]))
    assert torch.equal(whole["pixels"][2:], alone["pixels"])


def test_larger_pictures_take_more_of_a_batch(pictures):
    assert PictureItems(pictures, Framing(224)).lengths.tolist() == [196] * 4
    assert PictureItems(pictures, Framing(64)).lengths.tolist() == [16] * 4


@pytest.mark.parametrize(("fit", "edges", "middle"), [("squash", 255, 0), ("crop", 0, 0), ("pad", 0, 0)])
def test_what_becomes_of_the_edges_of_a_wide_picture(fit, edges, middle):
    wide = np.zeros((1, 32, 96, 1), np.uint8)
    wide[:, :, :8] = wide[:, :, -8:] = 255
    square = PictureItems(pictures_of([wide]), Framing(32, fit)).collate(np.array([0]))["pixels"][0, 0]
    assert (square[0, 0], square[16, 16]) == (edges, middle)
    assert square[16, 0] == (0 if fit == "crop" else 255)


def test_altered_pictures_depend_on_item_epoch_and_seed_and_on_nothing_else(pictures):
    items = PictureItems(pictures, Framing(32, augment=Augmentation(ALL)))
    assert isinstance(items, AugmentingItems)
    torch.manual_seed(1)
    first = items.augmented(np.array([0, 3]), 1, 0)["pixels"]
    torch.manual_seed(2)
    assert torch.equal(items.augmented(np.array([3]), 1, 0)["pixels"], first[1:])
    assert not torch.equal(items.augmented(np.array([3]), 2, 0)["pixels"], first[1:])
    assert not torch.equal(items.augmented(np.array([3]), 1, 9)["pixels"], first[1:])


def test_altering_leaves_the_random_numbers_of_training_alone(pictures):
    items = PictureItems(pictures, Framing(32, augment=Augmentation(ALL)))
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    items.augmented(np.array([0]), 0, 0)
    assert torch.rand(1) == wanted


def test_a_picture_that_may_not_be_flipped_is_not():
    bright = np.zeros((1, 32, 32, 1), np.uint8)
    bright[:, :8, :16] = 200  # upper left
    items = PictureItems(
        pictures_of([bright]), Framing(32, augment=Augmentation({"rotate": 10, "shift": 0.05}))
    )
    for epoch in range(30):
        found = items.augmented(np.array([0]), epoch, 0)["pixels"][0, 0].float()
        assert found[:16, :16].mean() > 4 * max(found[:16, 16:].mean(), found[16:].mean())


def test_without_augmentation_training_sees_what_prediction_sees(pictures):
    items = PictureItems(pictures, Framing(32))
    some = np.array([1, 2])
    assert torch.equal(items.augmented(some, 3, 0)["pixels"], items.collate(some)["pixels"])


@pytest.mark.parametrize(
    ("ways", "said"),
    [({"flop": 1}, "no way of altering"), ({"rotate": 500}, "no strength"), ({"flip": "yes"}, "no strength")],
)
def test_a_wrong_augmentation_is_told(ways, said):
    with pytest.raises(UsageError, match=said):
        Augmentation(ways)
