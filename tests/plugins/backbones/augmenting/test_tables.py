"""Rows that training sees altered: by cells of training rows alone, and by noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit.contracts import DrawingItems
from vertikit_plugins.backbones.augmenting.tables import RowAugmentation
from vertikit_plugins.backbones.table import TableItems

NUMBERS = np.arange(60, dtype=np.float32).reshape(20, 3) / 10
CODES = np.arange(20).reshape(20, 1).astype(np.int64)
TRAIN = np.arange(10)


def items(**ways):
    made = TableItems(NUMBERS.copy(), CODES.copy(), RowAugmentation(ways))
    made.draw_from(TRAIN)
    return made


def test_an_altered_row_depends_on_item_epoch_and_seed_and_on_nothing_else():
    made = items(exchange=0.5, noise=0.1)
    assert isinstance(made, DrawingItems)
    torch.manual_seed(1)
    first = made.augmented(np.array([3, 7]), 1, 0)
    torch.manual_seed(2)
    alone = made.augmented(np.array([7]), 1, 0)
    assert torch.equal(first["numbers"][1:], alone["numbers"])
    assert torch.equal(first["codes"][1:], alone["codes"])
    assert not torch.equal(made.augmented(np.array([7]), 2, 0)["numbers"], alone["numbers"])
    assert not torch.equal(made.augmented(np.array([7]), 1, 1)["numbers"], alone["numbers"])


def test_cells_come_from_training_rows_of_the_same_column_alone():
    made = items(exchange=0.5)
    changed = 0
    for epoch in range(50):
        found = made.augmented(TRAIN, epoch, 0)
        numbers, codes = found["numbers"].numpy(), found["codes"].numpy()
        for at in range(3):
            assert set(numbers[:, at]) <= set(NUMBERS[TRAIN, at])
        assert codes.max() < 10
        changed += int((codes != CODES[TRAIN]).sum())
    assert 0.35 < changed / 500 < 0.55  # half of them, of which a tenth drew its own


def test_noise_has_the_spread_that_was_asked_for_and_leaves_gaps_and_categories():
    values = np.zeros((4000, 2), np.float32)
    values[:, 1] = np.nan
    made = TableItems(values, np.ones((4000, 1), np.int64), RowAugmentation({"noise": 0.3}))
    found = made.augmented(np.arange(4000), 0, 0)
    assert found["numbers"][:, 0].std().item() == pytest.approx(0.3, rel=0.05)
    assert torch.isnan(found["numbers"][:, 1]).all()
    assert (found["codes"] == 1).all()


def test_prediction_sees_rows_as_they_are():
    plain, altering = TableItems(NUMBERS, CODES), items(exchange=0.5, noise=1.0)
    every = np.arange(20)
    for key in ("numbers", "codes"):
        assert torch.equal(altering.collate(every)[key], plain.collate(every)[key])
        assert torch.equal(plain.augmented(every, 0, 0)[key], plain.collate(every)[key])
    altering.augmented(every, 0, 0)
    assert torch.equal(altering.collate(every)["numbers"], plain.collate(every)["numbers"])
