from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from vertikit_plugins.backbones.transformer import source
from vertikit_plugins.portable.windowing import Windowing


@pytest.mark.parametrize("tokens", [1, 29, 30, 31, 55, 100, 333])
def test_windows_cover_every_token_and_none_is_longer_than_the_encoder_takes(tokens: int) -> None:
    spans, left_out = Windowing(length=32, overlap=8, most=100).cut(tokens, capacity=30)
    covered = {position for start, stop in spans for position in range(start, stop)}
    assert covered == set(range(tokens))
    assert left_out == 0
    assert max(stop - start for start, stop in spans) <= 30


def test_windows_of_one_text_are_equally_long_and_overlap() -> None:
    spans, _ = Windowing(length=32, overlap=8, most=100).cut(70, capacity=30)
    assert len({stop - start for start, stop in spans}) == 1
    for (_, stop), (start, _) in itertools.pairwise(spans):
        assert stop - start >= 7


def test_what_lies_beyond_the_last_window_is_counted() -> None:
    spans, left_out = Windowing(length=32, overlap=8, most=2).cut(100, capacity=30)
    assert len(spans) == 2
    assert left_out == 100 - spans[-1][1]


def test_special_tokens_stand_around_every_window(tiny_encoder: Path) -> None:
    items = source(source=str(tiny_encoder), overlap=4).build().items(["cough " * 60, "fever"])
    batch = items.collate(np.array([0, 1]))
    ids, mask = batch["input_ids"].numpy(), batch["attention_mask"].numpy()
    assert items.windows.tolist()[1] == 1
    assert items.windows[0] > 1
    lengths = mask.sum(1)
    assert set(ids[:, 0]) == {2}
    assert {int(row[length - 1]) for row, length in zip(ids, lengths, strict=True)} == {3}


def test_shares_of_a_texts_windows_add_up_to_one(tiny_encoder: Path) -> None:
    items = source(source=str(tiny_encoder), overlap=4).build().items(["cough " * 60, "fever", "rash " * 35])
    batch = items.collate(np.array([2, 0, 1]))
    share, owner = batch["share"].numpy(), batch["owner"].numpy()
    assert np.allclose([share[owner == row].sum() for row in range(3)], 1)


def test_tokens_in_a_file_give_the_same_batches(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["cough " * 60, "fever", "", "rash " * 35]
    in_memory = source(source=str(tiny_encoder), overlap=4).build().items(texts)
    monkeypatch.setattr("vertikit.scratch.IN_MEMORY", 0)
    in_a_file = source(source=str(tiny_encoder), overlap=4).build().items(texts)
    order = np.array([3, 1, 0, 2])
    expected, found = in_memory.collate(order), in_a_file.collate(order)
    assert expected.keys() == found.keys()
    assert all(bool((expected[key] == found[key]).all()) for key in expected)
    assert in_a_file.lengths.tolist() == [
        int(in_a_file.collate(np.array([at]))["input_ids"].shape[1]) for at in range(4)
    ]


def test_the_context_stands_before_every_window_of_the_last_text(tiny_encoder: Path) -> None:
    build = source(source=str(tiny_encoder), overlap=4).build()
    items = build.items([("fever", "cough " * 80), ("fever", "rash")])
    ids = items.collate(np.array([0]))["input_ids"].numpy()
    assert items.windows.tolist()[1] == 1 and len(ids) > 2
    fever = ids[0, 1]
    assert (ids[:, 1] == fever).all() and (ids[:, 0] == 2).all() and (ids[:, 2] == 3).all()
    assert items.left_out.tolist() == [0, 0]


def test_a_context_too_long_is_cut_to_half_and_what_is_lost_is_counted(tiny_encoder: Path) -> None:
    build = source(source=str(tiny_encoder), overlap=4).build()
    items = build.items([("fever " * 100, "itch", "cough " * 30)])
    assert items.lengths[0] <= build.info.max_length
    assert 60 < items.left_out[0] < 100
    # Read as one, two texts are not what either is alone.
    assert build.fingerprint
