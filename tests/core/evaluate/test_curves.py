import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix

from tests.core.evaluate.simulated import LABELS, simulated
from vertikit.evaluate.curves import confidence_bins, confusion, reliability, risk_coverage
from vertikit.evaluate.frame import is_right, prediction_frame, top_confidence

PAIR = ("a", "b")


def frame_of(confidences, right):
    table = np.array([[confidence, 1 - confidence] for confidence in confidences])
    return prediction_frame(PAIR, table, ["a" if each else "b" for each in right])


def test_risk_is_the_share_of_wrong_answers_among_the_surest():
    curve = risk_coverage(frame_of([0.9, 0.6, 0.8, 0.7], [True, False, True, False]))
    assert curve["coverage"] == [0.25, 0.5, 0.75, 1.0]
    assert curve["risk"] == pytest.approx([0, 0, 1 / 3, 0.5])


def test_rows_of_equal_confidence_are_answered_together():
    curve = risk_coverage(frame_of([0.9, 0.7, 0.7, 0.6], [True, False, True, True]))
    assert curve["coverage"] == [0.25, 0.75, 1.0]
    assert curve["risk"] == pytest.approx([0, 1 / 3, 0.25])


def test_a_long_curve_is_thinned_and_keeps_both_ends():
    frame = simulated(3000)
    curve = risk_coverage(frame)
    assert 150 <= len(curve["coverage"]) == len(curve["risk"]) <= 200
    assert curve["coverage"][0] == 1 / 3000
    assert curve["coverage"][-1] == 1.0
    assert curve["risk"][-1] == pytest.approx(1 - is_right(frame).mean())


def test_bins_are_open_below_and_closed_above():
    edges = np.arange(16) / 15
    assert confidence_bins(edges).tolist() == [0, *range(15)]


def test_reliability_gives_means_of_the_bins_that_hold_rows():
    frame = simulated(800)
    found = reliability(frame)
    accuracy, confidence = calibration_curve(is_right(frame), top_confidence(frame), n_bins=15)
    assert found["accuracy"] == pytest.approx(accuracy.tolist())
    assert found["confidence"] == pytest.approx(confidence.tolist())
    assert sum(found["rows"]) == 800
    assert all(found["rows"])


def test_the_confusion_matrix_is_scikit_learns():
    frame = simulated(300)
    expected = confusion_matrix(frame["truth"], frame["prediction"], labels=list(LABELS))
    assert confusion(frame, LABELS) == expected.tolist()


def test_a_class_without_rows_has_its_line_and_an_unknown_one_has_none():
    frame = prediction_frame(PAIR, np.array([[0.9, 0.1]] * 3), ["a", "a", "c"])
    assert confusion(frame, PAIR) == [[2, 0], [0, 0]]


def test_no_rows_draw_nothing():
    frame = prediction_frame(PAIR, np.empty((0, 2)), [])
    assert risk_coverage(frame) == {"coverage": [], "risk": []}
    assert reliability(frame) == {"confidence": [], "accuracy": [], "rows": []}
    assert confusion(frame, PAIR) == [[0, 0], [0, 0]]
