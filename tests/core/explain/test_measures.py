"""The numbers that an explanation rests on, where the right answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from vertikit.explain.changes import change, effective_rank
from vertikit.explain.control import shuffled
from vertikit.explain.correlation import lead, rank_correlation, spearman
from vertikit.explain.deletion import curves, deletion, over_rows
from vertikit.explain.means import mean
from vertikit.explain.similarity import linear_cka


def test_the_effective_rank_counts_directions_of_equal_strength():
    assert effective_rank(torch.eye(6, dtype=torch.float64)) == pytest.approx(6)
    column = torch.randn(8, 1, dtype=torch.float64, generator=torch.manual_seed(0))
    assert effective_rank(column @ column.T) == pytest.approx(1, abs=1e-4)
    strong = torch.diag(torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.float64))
    assert effective_rank(strong) == pytest.approx(2, abs=1e-6)
    tall = torch.randn(50, 3, dtype=torch.float64, generator=torch.manual_seed(1))
    assert effective_rank(tall) == pytest.approx(effective_rank(tall.T))
    assert 2 < effective_rank(tall) <= 3


def test_the_change_of_a_block_is_that_of_all_its_weights_together():
    before = {"matrix": torch.full((2, 2), 3.0), "bias": torch.zeros(2)}
    after = {"matrix": torch.full((2, 2), 3.0) + 1.5 * torch.eye(2), "bias": torch.tensor([2.0, 0.0])}
    found = change("a", {name: (before[name], after[name]) for name in before})
    assert found.norm == pytest.approx((2 * 1.5**2 + 4) ** 0.5 / 6)
    assert (found.parameters, found.full) == (6, 2)
    assert found.rank == pytest.approx(2)
    still = change("b", {name: (before[name], before[name]) for name in before})
    assert (still.norm, still.rank, still.moved) == (0.0, None, False)
    assert change("c", {"bias": (before["bias"], after["bias"])}).norm is None


def test_cka_does_not_see_rotations_and_scales_and_sees_other_features():
    random = np.random.default_rng(0)
    one = random.normal(size=(400, 5))
    turned, _ = np.linalg.qr(random.normal(size=(5, 5)))
    assert linear_cka(one, 3 * one @ turned + 7) == pytest.approx(1)
    other = linear_cka(one, random.normal(size=(400, 5)))
    assert other is not None and other < 0.1
    assert linear_cka(one, np.ones((400, 3))) is None


def test_rank_correlation_is_spearmans_with_the_chance_of_luck():
    random = np.random.default_rng(3)
    for _ in range(5):
        one, two = random.integers(0, 6, 12), random.normal(size=12)
        assert spearman(one, two) == pytest.approx(spearmanr(one, two).statistic)
    found = rank_correlation([1, 2, 3, 4, 5], [2, 4, 6, 8, 10], 0)
    assert found["value"] == pytest.approx(1)
    assert found["p"] == pytest.approx(2 / 120)  # this order and its reverse, of all
    assert found["ci95"] == pytest.approx([1, 1])
    long = rank_correlation(list(range(12)), list(random.permutation(12)), 0)
    assert long["p"] > 0.05 and long["ci95"][0] < long["value"] < long["ci95"][1]
    assert rank_correlation(list(range(12)), list(range(12)), 0)["p"] < 0.001


def test_what_cannot_be_ranked_is_not():
    assert rank_correlation([1, 2, 3], [1, 2, 3], 0)["why"] == "3 blocks changed, and 4 are needed"
    assert rank_correlation([1, 2, 3, 4], [5, 5, 5, 5], 0)["value"] is None
    assert lead([1, 2, 3], [3, 2, 1], [1, 2, 3], 0)["value"] is None


def test_a_lead_is_that_of_the_measure_that_follows_better():
    lost = list(range(10))
    ahead = lead(lost, lost[::-1], lost, 0)
    assert ahead["value"] == pytest.approx(2) and ahead["ci95"][0] > 1
    assert lead(lost, lost, lost, 0) == {"value": 0.0, "ci95": [0.0, 0.0]}


def test_deletion_is_for_the_attribution_that_names_what_the_answer_lives_on():
    """An answer that is a sum: each part's weight is known."""
    worth = np.random.default_rng(0).exponential(size=30) ** 3
    worth /= worth.sum()

    def ask(kept):
        return kept @ worth

    right = deletion(ask, worth, 1.0, 0, signed=True)
    guesses = [
        deletion(ask, np.random.default_rng(seed).normal(size=30), 1.0, seed, signed=True)
        for seed in range(200)
    ]
    assert right.area > 0.2
    assert abs(np.mean([each.area for each in guesses])) < 0.03
    assert deletion(ask, -worth, 1.0, 0, signed=True).area < -0.2
    assert np.all(np.diff(right.named) >= 0) and len(right.shares) == 9
    told = over_rows(guesses, None, 0)
    assert told["rows"] == 200 and told["ci95"][0] < 0 < told["ci95"][1]
    drawn = curves([right])
    assert drawn["named"][0] == 0 and all(
        a >= b for a, b in zip(drawn["named"], drawn["others"], strict=True)
    )


def test_a_number_is_moved_either_way():
    worth = np.array([-5.0, 1.0, 0.0, 0.0])
    test = deletion(lambda kept: kept @ worth, np.abs(worth), -4.0, 0, signed=False)
    assert test.named[0] == pytest.approx(5)
    assert test.area > 0


def test_a_mean_of_few_rows_has_no_interval_and_says_why():
    assert mean(np.arange(5.0), None, 0)["why"] == "no interval: fewer than 10 rows"
    groups = np.array(["a", "b"] * 10, object)
    assert mean(np.arange(20.0), groups, 0)["why"] == "no interval: fewer than 10 groups"
    found = mean(np.arange(100.0), None, 0)
    assert found["value"] == pytest.approx(49.5) and found["ci95"][0] < 49.5 < found["ci95"][1]


def test_shuffled_labels_are_those_of_the_training_rows_in_another_order():
    truth = np.array(list("aabbccddee"), object)
    rows = np.arange(2, 10)
    one = shuffled(truth, rows, 0)
    assert list(one[:2]) == ["a", "a"] and sorted(one) == sorted(truth)
    assert list(one) != list(truth) and list(one) == list(shuffled(truth, rows, 0))
    assert list(one) != list(shuffled(truth, rows, 1))
    assert list(truth) == list("aabbccddee")
