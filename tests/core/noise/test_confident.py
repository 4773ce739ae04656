"""Confident learning and robust residuals, on figures that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.noise.confident import confident, self_confidence
from vertikit.noise.residuals import usually

SAID = np.array(
    [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.25, 0.75], [0.75, 0.25]]
)
GIVEN = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def test_thresholds_are_the_mean_probability_of_a_class_over_rows_that_were_given_it():
    assert self_confidence(SAID, GIVEN) == pytest.approx([0.65, 0.65])
    assert self_confidence(SAID[:4], GIVEN[:4])[1] == 1.0


def test_rows_off_the_diagonal_of_the_confident_joint_are_suspicious():
    found = confident(SAID, GIVEN, self_confidence(SAID, GIVEN))
    assert np.flatnonzero(found.suspicious).tolist() == [3, 7]
    assert found.likely[[3, 7]].tolist() == [1, 0]
    # Three of four of each class are counted where they were given, one elsewhere: [[3, 1], [1, 3]] of 8.
    assert found.joint == pytest.approx(np.array([[3, 1], [1, 3]]) / 8)
    assert found.share == pytest.approx(0.25)
    assert found.share_of(0) == pytest.approx(0.25)


def test_a_row_that_is_sure_of_no_class_is_none_of_the_joint_but_is_shared_out():
    said = np.vstack([SAID, [0.55, 0.45]])
    given = np.append(GIVEN, 1)
    thresholds = np.array([0.65, 0.65])
    found = confident(said, given, thresholds)
    assert not found.suspicious[8]
    # Of five rows given class 1, one in four of those that are sure of anything is of class 0.
    assert found.joint[1] == pytest.approx(np.array([1.25, 3.75]) / 9)


def test_a_class_that_is_often_doubted_has_a_lower_threshold_of_its_own():
    said = np.array([[0.6, 0.4], [0.55, 0.45], [0.95, 0.05], [0.45, 0.55]])
    given = np.array([1, 1, 0, 0])
    thresholds = self_confidence(said, given)
    assert thresholds == pytest.approx([0.7, 0.425])
    found = confident(said, given, thresholds)
    # The likeliest class of the first is 0, but it does not reach the threshold of 0; the last one's is 1, and does.
    assert found.suspicious.tolist() == [False, False, False, True]


def test_labels_without_errors_give_an_empty_list():
    said = np.eye(3)[[0, 1, 2, 0]] * 0.8 + 0.2 / 3
    given = np.array([0, 1, 2, 0])
    found = confident(said, given, self_confidence(said, given))
    assert not found.suspicious.any() and found.share == pytest.approx(0)


def test_how_far_residuals_lie_is_not_moved_by_the_outliers_among_them():
    rng = np.random.default_rng(0)
    residuals = rng.normal(2.0, 3.0, 4000)
    residuals[:200] = 1000.0
    usual = usually(residuals)
    assert usual.centre == pytest.approx(2.0, abs=0.3) and usual.scale == pytest.approx(3.0, rel=0.1)
    assert (usual.deviations(residuals)[:200] > 100).all()


def test_where_most_residuals_are_equal_the_mean_deviation_stands_in():
    usual = usually(np.array([0.0] * 9 + [1.0]))
    assert usual.scale == pytest.approx(1.2533 * 0.1)
    assert usually(np.zeros(5)).deviations(np.zeros(5)).tolist() == [0.0] * 5
