from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import Features, StartingHead
from vertikit_plugins.heads.binary import BinaryHead

LABELS = ("genuine", "fraud")
RARE = torch.tensor([1] * 9 + [0] * 989)


def started(encoded: torch.Tensor = RARE, weight: torch.Tensor | None = None, **options) -> BinaryHead:
    head = BinaryHead(4, LABELS, **options).eval()
    assert isinstance(head, StartingHead)
    head.start_from(encoded, torch.ones(len(encoded)) if weight is None else weight)
    return head


def answer(head: BinaryHead, pooled: torch.Tensor) -> np.ndarray:
    return head.probabilities(head(Features(pooled)).detach().double().numpy())


def test_an_untrained_head_gives_every_row_the_prior_of_training() -> None:
    found = answer(started(), torch.randn(5, 4))
    assert np.allclose(found[:, 1], 10 / 1000) and np.allclose(found.sum(axis=1), 1)


def test_the_first_step_is_smaller_than_that_of_a_head_that_starts_at_one_half() -> None:
    def slope(head: BinaryHead) -> float:
        raw = head(Features(torch.randn(len(RARE), 4)))
        torch.nn.functional.cross_entropy(raw, RARE).backward()
        return abs(float(head.dense.bias.grad))

    assert slope(started()) < 0.01 < slope(BinaryHead(4, LABELS))


def test_weights_of_rows_count_and_a_prior_of_the_recipe_comes_first() -> None:
    even = torch.where(RARE == 1, 989 / 9, 1.0)
    assert answer(started(weight=even), torch.zeros(1, 4))[0, 1] == pytest.approx(0.5, abs=1e-3)
    assert answer(started(prior=0.2), torch.zeros(1, 4))[0, 1] == pytest.approx(0.2)


def test_rows_of_one_class_alone_leave_it_finite() -> None:
    assert math.isfinite(started(torch.zeros(20, dtype=torch.long)).dense.bias.item())


def test_an_ensemble_is_merged_as_that_of_the_softmax_head() -> None:
    head = started()
    raw = head(Features(torch.randn(3, 5, 4)))
    assert raw.shape == (3, 5, 2) and head.merged(raw).exp().sum(1).allclose(torch.ones(3))


def test_it_is_for_two_classes_and_says_what_to_take_for_more() -> None:
    with pytest.raises(UsageError, match="head=softmax"):
        BinaryHead(4, ("a", "b", "c"))
    with pytest.raises(UsageError, match=r"head\.prior"):
        BinaryHead(4, LABELS, prior=1.0)
