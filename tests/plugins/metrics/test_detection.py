from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_curve

from vertikit import VertikitError
from vertikit.contracts import MetricContext
from vertikit.evaluate.frame import prediction_frame
from vertikit.outcome.classes import Classes
from vertikit.outcome.findings import Findings
from vertikit_plugins.metrics.detection import average_precision, ks, recall_at_budget

LABELS = ("no", "yes")
CONTEXT = MetricContext(LABELS)
RANDOM = np.random.default_rng(0)


def framed(score, truth):
    score = np.asarray(score, float)
    return prediction_frame(LABELS, np.stack([1 - score, score], 1), [LABELS[int(each)] for each in truth])


@pytest.mark.parametrize("digits", [1, 2, 6])
def test_average_precision_and_ks_are_those_of_scikit_learn_with_ties_too(digits: int):
    score = RANDOM.random(500).round(digits)
    truth = RANDOM.random(500) < score * 0.3
    frame = framed(score, truth)
    assert average_precision(frame, CONTEXT) == pytest.approx(average_precision_score(truth, score))
    false, true, _ = roc_curve(truth, score)
    assert ks(frame, CONTEXT) == pytest.approx((true - false).max())


def test_recall_at_the_budget_shares_out_rows_of_equal_score():
    truth = np.arange(200) < 4
    assert recall_at_budget(framed(np.where(truth, 0.9, 0.1), truth), CONTEXT) == pytest.approx(0.5)
    assert recall_at_budget(framed(np.full(200, 0.5), truth), CONTEXT) == pytest.approx(0.01)


def test_without_a_row_that_is_looked_for_none_is_defined():
    frame = framed([0.1, 0.9], [False, False])
    assert all(np.isnan(metric(frame, CONTEXT)) for metric in (average_precision, ks, recall_at_budget))


@pytest.mark.parametrize("target", [Classes(("a", "b", "c")), Findings(("a", "b"))])
def test_what_is_for_two_classes_refuses_any_other_target(target) -> None:
    with pytest.raises(VertikitError, match="two classes"):
        average_precision(target.flawless(), MetricContext(target.labels))
