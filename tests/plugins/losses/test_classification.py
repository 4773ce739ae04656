from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from vertikit import UsageError
from vertikit_plugins.losses.classification import cross_entropy, focal

RAW = torch.tensor([[2.0, 0.0, -1.0], [0.1, 0.2, 0.3]])
TARGET = torch.tensor([0, 2])


def test_losses_are_one_value_an_example() -> None:
    assert cross_entropy()(RAW, TARGET).shape == (2,)
    assert focal()(RAW, TARGET).shape == (2,)


def test_focal_loss_without_gamma_is_cross_entropy() -> None:
    assert torch.allclose(focal(gamma=0.0)(RAW, TARGET), cross_entropy()(RAW, TARGET))


def test_focal_loss_weighs_by_the_missing_probability() -> None:
    p = functional.softmax(RAW, dim=1)[torch.arange(2), TARGET]
    assert torch.allclose(focal(gamma=2.0)(RAW, TARGET), -((1 - p) ** 2) * p.log())


def test_smoothing_spreads_the_truth_over_all_classes() -> None:
    log_p = functional.log_softmax(RAW, dim=1)
    expected = -(0.9 * log_p[torch.arange(2), TARGET] + 0.1 * log_p.mean(1))
    assert torch.allclose(cross_entropy(label_smoothing=0.1)(RAW, TARGET), expected)


def test_nonsense_is_refused_with_the_key() -> None:
    with pytest.raises(UsageError, match=r"loss\.label_smoothing"):
        cross_entropy(label_smoothing=1.5)
    with pytest.raises(UsageError, match=r"loss\.gamma"):
        focal(gamma=-1)
