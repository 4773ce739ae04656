from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vertikit.evaluate.blending import FindingsPool, LogPool
from vertikit.fitted_store import load_fitted, save_fitted


def answers(truth: NDArray[np.int64], strength: float, seed: int, classes: int = 4) -> NDArray[np.float64]:
    """Calibrated probabilities [n, K] of a side that hears the truth through noise."""
    heard = np.random.default_rng(seed).normal(size=(len(truth), classes))
    heard[np.arange(len(truth)), truth] += strength
    logits = strength * heard
    result: NDArray[np.float64] = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return result


@pytest.fixture
def truth() -> NDArray[np.int64]:
    return np.random.default_rng(7).integers(0, 4, 3000)


def log_loss(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    return float(-np.log(probabilities[np.arange(len(truth)), truth]).mean())


def test_two_independent_sides_are_both_heard_and_do_better_together(truth: NDArray[np.int64]) -> None:
    own, other = answers(truth, 1.0, 1), answers(truth, 1.0, 2)
    pool = LogPool()
    pool.fit(own[:2000], other[:2000], truth[:2000])
    # With independent evidence and equal classes, Bayes' rule is the product: both weights are 1.
    assert pool.weights == pytest.approx((1, 1), abs=0.15)
    both = pool.apply(own, other)
    assert np.allclose(both.sum(axis=1), 1)
    alone = min(log_loss(own[2000:], truth[2000:]), log_loss(other[2000:], truth[2000:]))
    assert log_loss(both[2000:], truth[2000:]) < alone - 0.1


def test_a_side_that_knows_nothing_has_no_say(truth: NDArray[np.int64]) -> None:
    own = answers(truth, 1.5, 1)
    noise = answers(np.random.default_rng(3).integers(0, 4, len(truth)), 1.5, 4)
    pool = LogPool()
    pool.fit(own, noise, truth)
    assert pool.weights[0] > 0.8
    assert pool.weights[1] < 0.06


def test_weights_minimise_the_log_loss(truth: NDArray[np.int64]) -> None:
    own, other = answers(truth, 1.2, 1), answers(truth, 0.7, 2)
    pool = LogPool()
    pool.fit(own, other, truth)
    best = log_loss(pool.apply(own, other), truth)
    for step in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)):
        moved = LogPool()
        moved.weights = (pool.weights[0] + step[0], pool.weights[1] + step[1])
        assert log_loss(moved.apply(own, other), truth) > best


def test_a_class_that_one_side_never_saw_is_not_ruled_out() -> None:
    own = np.array([[0.001, 0.001, 0.998]])
    other = np.array([[0.5, 0.5, 0.0]])
    pool = LogPool()
    pool.weights = (1.0, 1.0)
    assert pool.apply(own, other)[0].argmax() == 2


def test_flawless_sides_leave_finite_weights() -> None:
    truth = np.arange(40) % 4
    sure = np.eye(4)[truth]
    pool = LogPool()
    pool.fit(sure, sure, truth)
    assert np.isfinite(pool.weights).all()
    assert np.isfinite(pool.apply(sure, sure)).all()


def test_without_rows_the_model_alone_speaks() -> None:
    pool = LogPool()
    pool.fit(np.empty((0, 3)), np.empty((0, 3)), np.empty(0, np.int64))
    assert pool.weights == (1.0, 0.0)


def test_weights_come_back_from_disk(tmp_path: Path, truth: NDArray[np.int64]) -> None:
    pool, again = LogPool(), LogPool()
    pool.fit(answers(truth, 1.0, 1), answers(truth, 1.0, 2), truth)
    save_fitted(tmp_path, "weights", pool)
    load_fitted(tmp_path, "weights", again)
    assert (again.weights, again.rows) == (pool.weights, 3000)


def test_several_findings_have_one_pair_of_weights_and_holes_count_for_nothing(
    truth: NDArray[np.int64],
) -> None:
    own, other = answers(truth, 1.2, 1)[:, :2], answers(truth, 0.7, 2)[:, :2]
    found = np.stack([truth == 0, truth == 1], axis=1).astype(np.float64)
    found[::3, 0] = np.nan
    pool, again = FindingsPool(), FindingsPool()
    pool.fit(own, other, found)
    blended, known = pool.apply(own, other), np.isfinite(found)

    def loss(p: NDArray[np.float64]) -> float:
        return float(-np.log(np.where(found == 1, p, 1 - p)[known].clip(1e-9)).mean())

    assert blended.shape == own.shape and min(pool.weights) > 0
    assert loss(blended) < min(loss(own), loss(other))
    nonsense = own.copy()
    nonsense[::3, 0] = 1 - nonsense[::3, 0]
    again.fit(nonsense, other, found)
    assert again.weights == pool.weights and again.rows == len(truth)
