"""Columns of numbers into a ridge regression: scales, gaps, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Number, Text, VertikitError
from vertikit.examples import Examples
from vertikit_plugins.baselines.number_ridge import NumberRidge

INPUTS = (Number("length"), Number("share", required=False))


def rows(length: list[float], share: list[float | None]) -> Examples:
    nothing = np.full(len(length), "", object)
    table = Dataset.from_dict({"length": length, "share": share})
    return Examples(table, np.arange(1, len(length) + 1), nothing, nothing)


@pytest.fixture(scope="module")
def fitted() -> NumberRidge:
    random = np.random.default_rng(0)
    length, share = random.uniform(0, 1000, 300), random.uniform(0, 1, 300)
    target = length / 100 + 3 * share
    gaps = [None if at % 10 == 0 else float(value) for at, value in enumerate(share)]
    train = rows(list(map(float, length)), gaps)
    ridge = NumberRidge(INPUTS, 0)
    ridge.fit(train, target, train.take(np.arange(0)), target[:0])
    return ridge


def test_it_learns_columns_of_very_different_scales(fitted: NumberRidge) -> None:
    found = fitted.numbers(rows([0.0, 1000.0, 500.0], [0.0, 0.0, 1.0]))
    assert np.allclose(found, [0, 10, 8], atol=0.4)


def test_what_is_missing_is_taken_for_the_mean_of_training_rows(fitted: NumberRidge) -> None:
    missing, mean = fitted.numbers(rows([500.0], [None])), fitted.numbers(rows([500.0], [0.5]))
    assert np.isfinite(missing).all() and np.allclose(missing, mean, atol=0.2)


def test_a_loaded_one_gives_the_same_numbers_to_the_bit(fitted: NumberRidge) -> None:
    other = NumberRidge(INPUTS, 0)
    other.load(fitted.state())
    new = rows([3.0, 700.0], [0.2, None])
    assert np.array_equal(fitted.numbers(new), other.numbers(new))


def test_a_task_without_numbers_is_refused() -> None:
    with pytest.raises(VertikitError, match="no column of them"):
        NumberRidge((Text("answer"),), 0)
