"""Several findings by one layer: what is not known teaches nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit_plugins.heads.multi_label import MultiLabelHead
from vertikit_plugins.losses.several import bce_holes


def test_biases_start_at_how_frequent_each_finding_is_where_it_is_known():
    head = MultiLabelHead(4, ("a", "b"))
    encoded = head.encode(["+a|-b", "+a", "-a|-b", "+a|-b"])
    head.start_from(encoded, torch.ones(4))
    with torch.no_grad():
        p = head.eval().probabilities(head(Features(torch.zeros(1, 4))).numpy())
    np.testing.assert_allclose(p, [[4 / 6, 1 / 5]], atol=1e-6)


def test_a_hole_has_no_gradient_and_a_row_counts_by_what_is_known_of_it():
    raw = torch.tensor([[0.3, -2.0], [1.0, 0.5]], requires_grad=True)
    target = torch.tensor([[1.0, float("nan")], [0.0, 1.0]])
    loss = bce_holes()(raw, target)
    wanted = torch.nn.functional.binary_cross_entropy_with_logits
    assert loss[0].item() == pytest.approx(wanted(raw[0, 0], target[0, 0]).item())
    assert loss[1].item() == pytest.approx(wanted(raw[1], target[1]).item())
    loss.sum().backward()
    assert raw.grad[0, 1] == 0 and raw.grad[0, 0] != 0
    assert torch.isfinite(raw.grad).all()


def test_a_focus_below_zero_is_refused():
    with pytest.raises(UsageError, match="below 0"):
        bce_holes(gamma=-1)
