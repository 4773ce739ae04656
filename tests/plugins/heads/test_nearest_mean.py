"""The nearest class mean: learnt in one pass, for few examples."""

from __future__ import annotations

import numpy as np
import torch

from vertikit.contracts import Features, FittedHead
from vertikit_plugins.heads.nearest_mean import NearestMean

LABELS = ("dent", "rust", "scratch")


def learnt(pooled: torch.Tensor, target: torch.Tensor, batch: int = 4) -> NearestMean:
    head = NearestMean(pooled.shape[1], LABELS)
    head.begin(len(pooled))
    for start in range(0, len(pooled), batch):
        head.learn(Features(pooled[start : start + batch]), target[start : start + batch])
    head.finish()
    return head


def drawn(each: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    target = torch.arange(3).repeat_interleave(each)
    means = 3 * torch.eye(3, 10)
    return means[target] + torch.randn(len(target), 10, generator=drawn), target


def test_five_examples_a_class_tell_most_of_others() -> None:
    head = learnt(*drawn(5))
    asked, truth = drawn(50, 1)
    found = head.probabilities(head(Features(asked)).numpy())
    assert (found.argmax(axis=1) == truth.numpy()).mean() > 0.85
    assert np.allclose(found.sum(axis=1), 1)


def test_batches_and_their_order_change_nothing() -> None:
    pooled, target = drawn(7)
    turned = torch.randperm(len(pooled), generator=torch.Generator().manual_seed(2))
    one, other = learnt(pooled, target, 1), learnt(pooled[turned], target[turned], 8)
    asked = Features(drawn(4, 3)[0])
    assert torch.allclose(one(asked), other(asked))
    state = one.state().arrays
    assert np.allclose(state["means"][1], pooled[target == 1].double().mean(dim=0).numpy())


def test_a_class_without_examples_is_never_answered() -> None:
    pooled, target = drawn(6)
    head = learnt(pooled[target != 1], target[target != 1])
    assert not (head(Features(drawn(30, 1)[0])).argmax(dim=1) == 1).any()


def test_it_is_read_back_to_the_bit() -> None:
    head, other = learnt(*drawn(5)), NearestMean(10, LABELS)
    other.load(head.state())
    asked = Features(drawn(3, 4)[0])
    assert torch.equal(head(asked), other(asked)) and isinstance(head, FittedHead)
