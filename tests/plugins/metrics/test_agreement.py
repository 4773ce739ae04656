"""Metrics of grades, held against scikit-learn, numpy and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import cohen_kappa_score

from vertikit.contracts import MetricContext
from vertikit.errors import VertikitError
from vertikit.evaluate.frame import prediction_frame
from vertikit_plugins.metrics.agreement import adjacent_agreement, mae, pearson, qwk, rmse, smd

LABELS = ("0", "1", "2", "3", "4")
CONTEXT = MetricContext(LABELS)


def graded(truth: list[str], given: list[str], labels: tuple[str, ...] = LABELS) -> pd.DataFrame:
    """A frame whose probabilities lie on the grade given alone."""
    table = np.eye(len(labels))[[labels.index(each) for each in given]]
    return prediction_frame(labels, table, truth)


@pytest.fixture
def drawn() -> pd.DataFrame:
    random = np.random.default_rng(0)
    truth = random.integers(0, 5, 400)
    table = np.exp(-0.8 * np.abs(np.arange(5) - truth[:, None] + random.normal(0, 1, (400, 5))))
    return prediction_frame(LABELS, table / table.sum(axis=1, keepdims=True), [str(each) for each in truth])


def numbers(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    expected = frame[[f"p.{label}" for label in LABELS]].to_numpy() @ np.arange(5)
    return frame["truth"].astype(float).to_numpy(), expected


def test_kappa_is_that_of_scikit_learn(drawn: pd.DataFrame) -> None:
    wanted = cohen_kappa_score(
        drawn["truth"].astype(int), drawn["prediction"].astype(int), weights="quadratic"
    )
    assert qwk(drawn, CONTEXT) == pytest.approx(wanted)
    assert 0.1 < wanted < 0.95


def test_kappa_goes_by_the_numbers_of_the_steps_and_not_by_their_places() -> None:
    labels = ("0", "1", "10")
    near = graded(["0", "1", "10", "0"], ["1", "0", "10", "0"], labels)
    far = graded(["0", "1", "10", "0"], ["0", "10", "1", "0"], labels)
    assert qwk(near, MetricContext(labels)) > 0.9 > qwk(far, MetricContext(labels))


def test_where_both_sides_give_one_grade_throughout_nothing_can_be_said() -> None:
    assert math.isnan(qwk(graded(["2", "2"], ["2", "2"]), CONTEXT))
    assert qwk(graded(["2", "3"], ["2", "2"]), CONTEXT) == pytest.approx(0)


def test_adjacent_is_one_of_the_smallest_steps() -> None:
    assert adjacent_agreement(graded(["0", "1", "2", "4"], ["1", "1", "4", "0"]), CONTEXT) == 0.5
    labels = ("0", "0.5", "1")
    halves = graded(["0", "0.5", "1"], ["1", "1", "1"], labels)
    assert adjacent_agreement(halves, MetricContext(labels)) == pytest.approx(2 / 3)


def test_distances_and_correlation_are_of_the_expected_grade(drawn: pd.DataFrame) -> None:
    truth, expected = numbers(drawn)
    assert rmse(drawn, CONTEXT) == pytest.approx(math.sqrt(np.mean((expected - truth) ** 2)))
    assert mae(drawn, CONTEXT) == pytest.approx(np.mean(np.abs(expected - truth)))
    assert pearson(drawn, CONTEXT) == pytest.approx(pearsonr(expected, truth).statistic)
    assert smd(drawn, CONTEXT) == pytest.approx(abs(expected.mean() - truth.mean()) / truth.std())


def test_a_constant_side_has_no_correlation_and_a_constant_truth_no_spread() -> None:
    assert math.isnan(pearson(graded(["1", "2"], ["3", "3"]), CONTEXT))
    assert math.isnan(smd(graded(["2", "2"], ["1", "3"]), CONTEXT))


def test_weights_count(drawn: pd.DataFrame) -> None:
    doubled = pd.concat([drawn, drawn.iloc[:100]], ignore_index=True)
    weighted = drawn.copy()
    weighted.loc[weighted.index[:100], "weight"] = 2.0
    for metric in (qwk, adjacent_agreement, rmse, mae, pearson, smd):
        assert metric(weighted, CONTEXT) == pytest.approx(metric(doubled, CONTEXT)), metric.__name__


def test_a_grade_never_learnt_counts_with_its_number() -> None:
    frame = prediction_frame(("0", "1"), np.array([[0.0, 1.0], [1.0, 0.0]]), ["5", "0"])
    assert mae(frame, MetricContext(("0", "1"))) == pytest.approx(2)


def test_classes_that_are_no_numbers_are_refused() -> None:
    frame = prediction_frame(("flu", "cold"), np.eye(2), ["flu", "cold"])
    with pytest.raises(VertikitError, match="not every class is a number"):
        qwk(frame, MetricContext(("flu", "cold")))
