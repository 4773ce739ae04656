"""Logistic regression as a head: solved, its penalty chosen, the same whatever batches its rows come in."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from vertikit import UsageError
from vertikit.contracts import Features, FittedHead
from vertikit_plugins.heads.logistic import LogisticHead

LABELS = ("dent", "rust", "scratch")


def learnt(pooled: torch.Tensor, target: torch.Tensor, batch: int = 8, **options) -> LogisticHead:
    head = LogisticHead(pooled.shape[1], LABELS, **options)
    head.begin(len(pooled))
    for start in range(0, len(pooled), batch):
        head.learn(Features(pooled[start : start + batch]), target[start : start + batch])
    head.finish()
    return head


def drawn(each: int, seed: int = 0, noise: int = 200) -> tuple[torch.Tensor, torch.Tensor]:
    """Three classes on ten numbers, and many more that say nothing."""
    drawn = torch.Generator().manual_seed(seed)
    target = torch.arange(3).repeat_interleave(each)
    means = 1.5 * torch.eye(3, 10 + noise)
    return means[target] + torch.randn(len(target), 10 + noise, generator=drawn), target


def test_it_is_the_regression_of_scikit_learn_at_the_penalty_that_was_asked_for() -> None:
    (pooled, target), (asked, _) = drawn(20), drawn(10, 1)
    scaler = StandardScaler().fit(pooled.numpy())
    theirs = LogisticRegression(C=0.01, max_iter=500).fit(scaler.transform(pooled.numpy()), target.numpy())
    head = learnt(pooled, target, c=0.01)
    ours = head.probabilities(head(Features(asked)).numpy())
    assert np.allclose(ours, theirs.predict_proba(scaler.transform(asked.numpy())), atol=1e-3)


def test_the_penalty_that_is_chosen_is_better_than_the_weakest_of_the_grid() -> None:
    (pooled, target), (asked, truth) = drawn(30), drawn(100, 1)

    def loss(head: LogisticHead) -> float:
        p = head.probabilities(head(Features(asked)).numpy())
        return float(-np.log(p[np.arange(len(truth)), truth.numpy()]).mean())

    assert loss(learnt(pooled, target)) < 0.9 * loss(learnt(pooled, target, c=1.0))


def test_batches_and_their_order_change_nothing() -> None:
    pooled, target = drawn(12)
    turned = torch.randperm(len(pooled), generator=torch.Generator().manual_seed(2))
    one, other = learnt(pooled, target, 5), learnt(pooled[turned], target[turned], 11)
    asked = Features(drawn(4, 3)[0])
    assert torch.equal(one(asked), other(asked))


def test_a_class_without_examples_is_never_answered_and_one_class_alone_always() -> None:
    pooled, target = drawn(12)
    asked = Features(drawn(30, 1)[0])
    assert not (learnt(pooled[target != 1], target[target != 1])(asked).argmax(dim=1) == 1).any()
    assert (learnt(pooled[target == 1], target[target == 1])(asked).argmax(dim=1) == 1).all()


def test_a_rare_class_counts_more_where_that_is_asked_for() -> None:
    pooled, target = drawn(60)
    kept = torch.cat([torch.arange(0, 60), torch.arange(60, 120), torch.arange(120, 126)])
    asked, truth = drawn(60, 1)
    found = [
        (learnt(pooled[kept], target[kept], balanced=each)(Features(asked)).argmax(dim=1) == 2)[
            truth == 2
        ].sum()
        for each in (False, True)
    ]
    assert found[1] > found[0]


def test_no_more_rows_are_kept_than_were_allowed() -> None:
    pooled, target = drawn(40)
    head = LogisticHead(pooled.shape[1], LABELS, most_rows=30)
    head.begin(len(pooled))
    for start in range(0, len(pooled), 8):
        head.learn(Features(pooled[start : start + 8]), target[start : start + 8])
    assert sum(len(own) for _, own in head._seen) == 30


def test_it_is_read_back_to_the_bit() -> None:
    head, other = learnt(*drawn(12)), LogisticHead(210, LABELS)
    other.load(head.state())
    asked = Features(drawn(3, 4)[0])
    assert torch.equal(head(asked), other(asked)) and isinstance(head, FittedHead)


@pytest.mark.parametrize("options", [{"c": 0.0}, {"c": -1.0}, {"most_rows": 0}])
def test_a_strength_that_is_none_is_refused(options) -> None:
    with pytest.raises(UsageError):
        LogisticHead(4, LABELS, **options)
