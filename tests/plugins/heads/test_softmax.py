from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit.contracts import Features
from vertikit_plugins.heads.softmax import SoftmaxHead

LABELS = ("a", "b", "c")


def test_an_untrained_head_holds_every_class_equally_likely() -> None:
    head = SoftmaxHead(8, LABELS).eval()
    raw = head(Features(torch.randn(5, 8))).detach().double().numpy()
    assert np.allclose(head.probabilities(raw), 1 / 3)


def test_probabilities_add_up_to_one_even_for_huge_outputs() -> None:
    raw = np.array([[1e4, 0, -1e4], [0.0, 1.0, 2.0]])
    assert np.allclose(SoftmaxHead(8, LABELS).probabilities(raw).sum(axis=1), 1)


@pytest.mark.parametrize(("kind", "each_has_one"), [("overall", False), ("each", True), ("none", False)])
def test_the_scale_is_learnt_as_asked_for(kind: str, each_has_one: bool) -> None:
    head = SoftmaxHead(3, LABELS, standardise=kind)  # type: ignore[arg-type]
    pooled = torch.randn(500, 3) * torch.tensor([0.1, 1.0, 10.0]) + 5
    head.fit(pooled)
    scaled = (pooled - head.mean) / head.scale
    assert torch.allclose(scaled.std(0), torch.ones(3), atol=0.01) is each_has_one
    assert torch.allclose(scaled.mean(0), torch.zeros(3), atol=0.01) is (kind != "none")


def test_a_constant_feature_is_not_blown_up() -> None:
    head = SoftmaxHead(2, LABELS, standardise="each")
    head.fit(torch.tensor([[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]]))
    assert head.scale[1] == 1


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(ValueError, match="'d'"):
        SoftmaxHead(8, LABELS).encode(["a", "d"])
