from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.adapt.batching import EpochOrder, pack, padding_ratio


@dataclass
class Lengths:
    lengths: NDArray[np.int64]
    windows: NDArray[np.int64]
    left_out: NDArray[np.int64]

    def collate(self, _: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        raise AssertionError("packing needs no batch")


def items(lengths: list[int], windows: list[int] | None = None) -> dict[str, Lengths]:
    counts = np.array(windows or [1] * len(lengths))
    return {"text": Lengths(np.array(lengths), counts, np.zeros(len(lengths), dtype=np.int64))}


def test_every_example_is_in_one_batch() -> None:
    lengths = np.random.default_rng(0).integers(3, 250, size=500).tolist()
    indices = np.arange(0, 500, 2)
    batches = pack(items(lengths), indices, tokens=1000, rows=32, seed=1)
    assert sorted(np.concatenate(batches).tolist()) == indices.tolist()


def test_no_batch_passes_its_budget_of_padded_tokens_or_rows() -> None:
    lengths = np.random.default_rng(0).integers(3, 250, size=500)
    windows = np.random.default_rng(1).integers(1, 4, size=500)
    for batch in pack(
        items(lengths.tolist(), windows.tolist()), np.arange(500), tokens=1000, rows=32, seed=1
    ):
        assert len(batch) <= 32
        assert len(batch) == 1 or lengths[batch].max() * windows[batch].sum() <= 1000


def test_an_example_beyond_the_budget_is_a_batch_of_its_own() -> None:
    batches = pack(items([10, 5000, 10]), np.arange(3), tokens=100, rows=32, seed=0)
    assert [1] in [batch.tolist() for batch in batches]


def test_equal_lengths_are_mixed_by_the_seed_and_not_kept_in_file_order() -> None:
    first = pack(items([1] * 64), np.arange(64), tokens=4096, rows=16, seed=0)
    assert sorted(first[0].tolist()) != list(range(16))
    assert [batch.tolist() for batch in first] == [
        batch.tolist() for batch in pack(items([1] * 64), np.arange(64), tokens=4096, rows=16, seed=0)
    ]


def test_sorting_by_length_saves_what_the_padding_ratio_says() -> None:
    lengths = [5] * 50 + [50] * 50
    assert padding_ratio(items(lengths), np.arange(100), 10, 0) > 1.5
    assert padding_ratio(items([7] * 100), np.arange(100), 10, 0) == 1.0


def test_an_epoch_has_the_same_order_whenever_it_is_asked_for() -> None:
    batches = pack(items([1] * 64), np.arange(64), tokens=4096, rows=8, seed=0)
    order = EpochOrder(batches, seed=3)
    order.set_epoch(2)
    second = list(order)
    order.set_epoch(0)
    assert list(order) != second
    order.set_epoch(2)
    assert list(order) == second
