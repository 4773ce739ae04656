from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import WeighingLoss
from vertikit_plugins.losses.classification import cross_entropy, focal
from vertikit_plugins.losses.two_classes import CostSensitive, focal_bce, weighted_bce

RAW = torch.tensor([[0.0, 2.0], [1.0, -1.0], [0.5, 0.4]])
TARGET = torch.tensor([1, 1, 0])


def test_without_weights_it_is_cross_entropy() -> None:
    assert torch.allclose(weighted_bce()(RAW, TARGET), cross_entropy()(RAW, TARGET))


def test_rows_that_are_looked_for_weigh_as_said_and_the_others_as_before() -> None:
    plain = cross_entropy()(RAW, TARGET)
    assert torch.allclose(weighted_bce(pos_weight=7.0)(RAW, TARGET), plain * torch.tensor([7.0, 7.0, 1.0]))


def test_focal_bce_is_focal_loss_with_two_weights() -> None:
    expected = focal(gamma=2.0)(RAW, TARGET) * torch.tensor([0.25, 0.25, 0.75])
    assert torch.allclose(focal_bce()(RAW, TARGET), expected)


def test_a_mistake_weighs_what_it_costs() -> None:
    found = CostSensitive(missed=20.0, false_alarm=2.0)(RAW, TARGET)
    assert torch.allclose(found, cross_entropy()(RAW, TARGET) * torch.tensor([20.0, 20.0, 2.0]))


def test_the_cheapest_decision_is_at_one_half() -> None:
    # Of rows that nothing tells apart, a tenth are looked for, and missing one costs 20 false alarms.
    target = torch.tensor([1] + [0] * 9)
    z = torch.zeros(1, requires_grad=True)
    loss = CostSensitive(missed=20.0, false_alarm=1.0)
    optimiser = torch.optim.LBFGS([z], max_iter=50)

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss(torch.stack([torch.zeros(10), z.expand(10)], 1), target).sum()
        value.backward()
        return value

    optimiser.step(step)
    # Letting all pass costs 20, stopping all 9: so they are stopped, though a tenth is far from one half.
    assert torch.sigmoid(z).item() == pytest.approx(20 / 29, abs=1e-3)


def test_amounts_weigh_missed_rows_and_not_the_balance_of_the_classes() -> None:
    loss = CostSensitive(amount="amount")
    assert isinstance(loss, WeighingLoss) and loss.needs == ("amount",)
    amounts = np.array([10.0, 30.0, 1000.0, 0.0, np.nan, -5.0, 80.0])
    encoded = np.array([1, 1, 0, 1, 1, 1, 1])
    weights = loss.weights({"amount": amounts}, encoded, np.array([0, 1, 2]))
    assert weights[:3].tolist() == [0.5, 1.5, 1.0]  # by the mean of 20 of those in training
    assert weights[3:6].tolist() == [0.01] * 3 and weights[6] == 4.0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: weighted_bce(pos_weight=0), r"loss\.pos_weight"),
        (lambda: focal_bce(gamma=-1), r"loss\.gamma"),
        (lambda: focal_bce(alpha=1.0), r"loss\.alpha"),
        (lambda: CostSensitive(missed=-1), r"loss\.missed"),
        (lambda: weighted_bce()(torch.zeros(2, 3), TARGET[:2]), "two classes"),
    ],
)
def test_nonsense_is_refused_with_the_key(make: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make()


def test_huge_outputs_stay_finite() -> None:
    raw = torch.tensor([[0.0, 1e4], [1e4, 0.0]], requires_grad=True)
    for loss in (weighted_bce(pos_weight=9), focal_bce(), CostSensitive()):
        value = loss(raw, torch.tensor([0, 1])).sum()
        (slope,) = torch.autograd.grad(value, raw, retain_graph=True)
        assert torch.isfinite(value) and torch.isfinite(slope).all()
