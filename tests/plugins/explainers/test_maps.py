"""Explainers show the place that an answer rests on, and nothing where it rests on none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit_plugins.explainers.gradients import Gradients
from vertikit_plugins.explainers.occlusion import Occlusion


def bright_corner(pixels):
    """Outputs [n, 2]: the brightness of the upper left and of the lower right corner."""
    return torch.stack(
        [pixels[:, :, 4:12, 4:12].mean(dim=(1, 2, 3)), pixels[:, :, 28:36, 28:36].mean(dim=(1, 2, 3))], dim=1
    )


@pytest.fixture
def pixels():
    found = torch.from_numpy(np.random.default_rng(0).normal(0, 0.05, (2, 3, 40, 40)).astype(np.float32))
    found[:, :, 4:12, 4:12] += 1
    found[:, :, 28:36, 28:36] += 1
    return found


@pytest.mark.parametrize("explainer", [Gradients(), Occlusion(patches=8)])
def test_the_place_that_the_chosen_output_rests_on_is_warm_and_no_other(explainer, pixels):
    maps = explainer.maps(bright_corner, pixels, torch.tensor([0, 1]))
    assert maps.shape == (2, 40, 40)
    assert maps.min() >= 0 and maps.max() <= 1
    first, second = maps
    assert first[4:12, 4:12].mean() > 0.3 > 0.05 > first[28:36, 28:36].mean()
    assert second[28:36, 28:36].mean() > 0.3 > 0.05 > second[4:12, 4:12].mean()


@pytest.mark.parametrize("explainer", [Gradients(), Occlusion(patches=4)])
def test_an_answer_that_rests_on_nothing_is_cold_all_over(explainer, pixels):
    maps = explainer.maps(
        lambda p: p.sum(dim=(1, 2, 3))[:, None] * torch.zeros(1, 2), pixels, torch.tensor([0, 1])
    )
    assert (maps == 0).all()


def test_the_same_picture_has_the_same_map_in_any_batch(pixels):
    whole = Gradients().maps(bright_corner, pixels, torch.tensor([0, 1]))
    alone = Gradients().maps(bright_corner, pixels[1:], torch.tensor([1]))
    np.testing.assert_allclose(whole[1], alone[0], atol=1e-6)


@pytest.mark.parametrize("wrong", [lambda: Gradients(steps=1), lambda: Occlusion(patches=1)])
def test_settings_that_show_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="show nothing"):
        wrong()
