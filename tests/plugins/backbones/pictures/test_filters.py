"""The bank of filters: what it answers to, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit_plugins.backbones.pictures.filters import FilterBank, source


def stripes(period: float, across: bool) -> torch.Tensor:
    wave = 0.5 + 0.2 * torch.sin(torch.arange(64) * 2 * torch.pi / period)
    return (wave.expand(64, 64) if across else wave[:, None].expand(64, 64)).expand(1, 3, 64, 64)


def test_an_edge_is_seen_in_its_direction_and_at_its_scale() -> None:
    bank = FilterBank([1.0, 4.0], 4)
    fine, coarse, down = (
        bank(each)[0].mean(dim=(2, 3))[0] for each in (stripes(6, True), stripes(25, True), stripes(6, False))
    )
    assert fine[0] > 20 * fine[1] and down[1] > 20 * down[0], "derivatives across, and down"
    assert fine[0] > fine[5] and coarse[5] > coarse[0], "a scale of 1 before, and of 4 after"


def test_a_darker_shot_looks_the_same() -> None:
    bank, seen = FilterBank([1.0, 2.0], 4), torch.rand(1, 3, 32, 32)
    assert torch.allclose(bank(seen)[0], bank(0.5 * seen)[0], atol=1e-5)


def test_a_small_spot_stands_out_in_the_pooled_features(pictures) -> None:
    backbone = source(size=64).build()
    flat = torch.full((2, 3, 64, 64), 120, dtype=torch.uint8)
    flat[1, :, 30:33, 30:33] = 60
    found = backbone.module(flat, torch.arange(2))
    width = backbone.info.width // 3
    assert found.pooled.shape == (2, 3 * width) and found.tokens.shape == (2, 16, 16, width)
    assert (found.pooled[1, 2 * width :] - found.pooled[0, 2 * width :]).max() > 0.05
    assert len(backbone.items(pictures).lengths) == len(pictures)


def test_two_are_known_apart_by_their_settings() -> None:
    assert source().build().fingerprint == source().build().fingerprint != source(cell=8).build().fingerprint
    assert np.isfinite(source().info().width)


@pytest.mark.parametrize("options", [{"size": 65}, {"cell": 0}, {"scales": []}, {"scales": [40.0]}])
def test_a_bank_that_cannot_be_is_refused(options) -> None:
    with pytest.raises(UsageError):
        source(**options)
