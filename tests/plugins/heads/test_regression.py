from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit.outcome.numbers import Numbers
from vertikit.scale import Scale
from vertikit_plugins.heads.regression import BoundedRegressionHead, RegressionHead
from vertikit_plugins.losses.regression import huber, mse

NUMBERS = Numbers(Scale(-1.0, 3.0), mean=2.0, deviation=0.5)


@pytest.mark.parametrize("make", [RegressionHead, BoundedRegressionHead])
def test_what_is_encoded_is_what_is_read_back(make: type[RegressionHead]) -> None:
    head = make(4, NUMBERS)
    values = [-1.0, 0.25, 2.0, 3.0]
    raw = head.encode(values).double().numpy()[:, None]
    assert head.numbers(raw) == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("make", [RegressionHead, BoundedRegressionHead])
def test_an_untrained_head_answers_with_the_mean(make: type[RegressionHead]) -> None:
    head = make(4, NUMBERS).eval()
    raw = head(Features(torch.randn(3, 4))).detach().double().numpy()
    assert head.numbers(raw) == pytest.approx([2.0] * 3, abs=1e-5)


def test_no_answer_leaves_a_bounded_scale() -> None:
    head = BoundedRegressionHead(4, NUMBERS).eval()
    torch.nn.init.normal_(head.dense.weight, std=100)
    found = head.numbers(head(Features(torch.randn(50, 4))).detach().double().numpy())
    assert found.min() >= -1 and found.max() <= 3 and np.ptp(found) > 3.9


def test_a_scale_without_ends_is_refused() -> None:
    with pytest.raises(UsageError, match="two ends"):
        BoundedRegressionHead(4, Numbers(Scale(0.0, None)))


def test_members_are_averaged() -> None:
    raw = torch.tensor([[[1.0], [3.0]]])
    assert RegressionHead(4, NUMBERS).merged(raw).tolist() == [[2.0]]


def test_huber_is_half_the_square_and_then_a_line() -> None:
    raw, target = torch.tensor([[0.5], [3.0]]), torch.tensor([0.0, 0.0])
    assert mse()(raw, target).tolist() == [0.25, 9.0]
    assert huber(delta=1.0)(raw, target).tolist() == [0.125, 2.5]
    with pytest.raises(UsageError, match="not above 0"):
        huber(delta=0.0)


def test_outputs_of_classes_are_no_number() -> None:
    with pytest.raises(ValueError, match="no number"):
        mse()(torch.zeros(2, 3), torch.zeros(2))
