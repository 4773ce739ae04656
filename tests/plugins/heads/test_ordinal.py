"""The CORN head."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, nll_loss

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit_plugins.heads.ordinal import OrdinalHead
from vertikit_plugins.heads.softmax import SoftmaxHead

STEPS = ("0", "1", "2.5", "4")


def head(seed: int = 0) -> OrdinalHead:
    torch.manual_seed(seed)
    made = OrdinalHead(6, STEPS).eval()
    torch.nn.init.normal_(made.dense.weight)
    return made


def test_outputs_are_log_probabilities_of_the_steps() -> None:
    raw = head()(Features(pooled=torch.randn(50, 6)))
    assert raw.shape == (50, 4)
    assert torch.allclose(raw.exp().sum(dim=1), torch.ones(50), atol=1e-6)
    found = head().probabilities(raw.detach().double().numpy())
    assert np.allclose(found, raw.detach().exp().numpy(), atol=1e-6)


def test_every_step_is_as_likely_before_training() -> None:
    raw = OrdinalHead(6, STEPS).eval()(Features(pooled=torch.randn(3, 6)))
    assert torch.allclose(raw.exp(), torch.full((3, 4), 0.25), atol=1e-6)


def test_their_negative_log_likelihood_is_the_loss_of_the_paper() -> None:
    made, pooled = head(), torch.randn(40, 6)
    target = torch.randint(0, 4, (40,))
    conditional = SoftmaxHead.forward(made, Features(pooled=pooled))
    expected = torch.zeros(40)
    for k in range(3):
        asked = target >= k  # whoever has not reached step k is not asked whether it is passed
        answered = binary_cross_entropy_with_logits(conditional[:, k], (target > k).float(), reduction="none")
        expected += torch.where(asked, answered, torch.zeros(40))
    raw = made(Features(pooled=pooled))
    assert torch.allclose(nll_loss(raw, target, reduction="none"), expected, atol=1e-5)


def test_far_logits_stay_finite() -> None:
    made = head()
    raw = made(Features(pooled=1e4 * torch.randn(8, 6)))
    raw.sum().backward()
    assert torch.isfinite(raw).all() and torch.isfinite(made.dense.weight.grad).all()


@pytest.mark.parametrize("labels", [("low", "high"), ("1", "0"), ("1", "1.0"), ()])
def test_classes_that_are_no_rising_numbers_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="steps of a scale"):
        OrdinalHead(6, labels)


def test_members_of_an_ensemble_each_give_probabilities_of_the_steps():
    head = OrdinalHead(4, ("1", "2", "3")).eval()
    with torch.no_grad():
        head.dense.weight.normal_()
    pooled = torch.randn(5, 4)
    several = head(Features(torch.stack([pooled] * 3, dim=1)))
    assert several.shape == (5, 3, 3)
    assert torch.allclose(several.exp().sum(dim=-1), torch.ones(5, 3), atol=1e-5)
    assert torch.allclose(head.merged(several), head(Features(pooled)), atol=1e-5)
