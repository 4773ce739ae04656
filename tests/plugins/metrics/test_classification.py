import math

import numpy as np
import pytest
from sklearn import metrics as reference

from tests.core.evaluate.simulated import LABELS, simulated
from vertikit import VertikitError
from vertikit.contracts import MetricContext
from vertikit.evaluate.frame import prediction_frame, probability_matrix
from vertikit.evaluate.measuring import take
from vertikit.outcome.findings import Findings
from vertikit.outcome.numbers import Numbers
from vertikit_plugins.metrics import classification

CONTEXT = MetricContext(LABELS)
EXACT = {"rel": 0, "abs": 1e-9}


def columns(frame):
    return (
        np.asarray(frame["truth"], object),
        np.asarray(frame["prediction"], object),
        np.asarray(frame["weight"]),
    )


def macro(kind, name):
    def score(truth, prediction, weight):
        return kind(truth, prediction, average="macro", zero_division=0, sample_weight=weight)

    return pytest.param(getattr(classification, name), score, id=name)


def plain(kind, name):
    def score(truth, prediction, weight):
        return kind(truth, prediction, sample_weight=weight)

    return pytest.param(getattr(classification, name), score, id=name)


CLASS_METRICS = [
    plain(reference.accuracy_score, "ACCURACY"),
    plain(reference.balanced_accuracy_score, "BALANCED_ACCURACY"),
    macro(reference.precision_score, "MACRO_PRECISION"),
    macro(reference.recall_score, "MACRO_RECALL"),
    macro(reference.f1_score, "MACRO_F1"),
]


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize(("metric", "score"), CLASS_METRICS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [1, 12, 400])
def test_a_metric_is_scikit_learns(metric, score, weighted, rows):
    frame = simulated(rows, seed=rows, weighted=weighted)
    assert metric.compute(frame, CONTEXT) == pytest.approx(score(*columns(frame)), **EXACT)


@pytest.mark.parametrize("metric", [classification.MACRO_F1, classification.TOP3_ACCURACY])
def test_a_frame_of_plain_text_columns_gives_the_same(metric):
    frame = simulated(200)
    text = frame.assign(truth=frame["truth"].astype(str), prediction=frame["prediction"].astype(str))
    assert metric.compute(text, CONTEXT) == metric.compute(frame, CONTEXT)


@pytest.mark.parametrize(("metric", "score"), CLASS_METRICS)
def test_a_resample_counts_a_row_as_often_as_it_was_drawn(metric, score):
    frame = simulated(80)
    drawn = take(frame, np.random.default_rng(0).integers(0, 80, 80))
    assert metric.compute(drawn, CONTEXT) == pytest.approx(score(*columns(drawn)), **EXACT)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize(("metric", "score"), CLASS_METRICS)
def test_a_true_class_that_the_model_does_not_know_counts_as_scikit_learn_counts_it(metric, score):
    table = probability_matrix(simulated(60), LABELS)
    frame = prediction_frame(LABELS, table, ["new"] * 5 + ["a", "b", "c", "d", "e"] * 11)
    assert metric.compute(frame, CONTEXT) == pytest.approx(score(*columns(frame)), **EXACT)


def test_a_class_that_is_neither_true_nor_predicted_is_left_out_of_the_averages():
    frame = prediction_frame(("a", "b", "c"), np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]), ["a", "b"])
    context = MetricContext(("a", "b", "c"))
    assert classification.MACRO_F1.compute(frame, context) == 1.0
    assert classification.MACRO_RECALL.compute(frame, context) == 1.0


def test_per_class_numbers_are_scikit_learns():
    frame = simulated(400, weighted=True)
    found = classification.PER_CLASS.compute(frame, CONTEXT)
    truth, prediction, weight = columns(frame)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        truth, prediction, labels=list(LABELS), sample_weight=weight, zero_division=0
    )
    for index, label in enumerate(LABELS):
        assert found[f"precision.{label}"] == pytest.approx(precision[index], **EXACT)
        assert found[f"recall.{label}"] == pytest.approx(recall[index], **EXACT)
        assert found[f"f1.{label}"] == pytest.approx(f1[index], **EXACT)
        assert found[f"support.{label}"] == (truth == label).sum()
        assert isinstance(found[f"support.{label}"], int)


def test_a_class_without_rows_has_no_ratios_and_a_count_of_zero():
    frame = prediction_frame(("a", "b", "c"), np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1]]), ["a", "b"])
    found = classification.PER_CLASS.compute(frame, MetricContext(("a", "b", "c")))
    assert found["support.c"] == 0
    assert all(math.isnan(found[f"{name}.c"]) for name in ("precision", "recall", "f1"))
    assert [found[f"{name}.b"] for name in ("precision", "recall", "f1")] == [0, 0, 0]
    assert "f1.new" not in found


@pytest.mark.parametrize("weighted", [False, True])
def test_top_three_is_scikit_learns(weighted):
    frame = simulated(300, weighted=weighted)
    truth, _, weight = columns(frame)
    expected = reference.top_k_accuracy_score(
        truth, probability_matrix(frame, LABELS), k=3, labels=list(LABELS), sample_weight=weight
    )
    assert classification.TOP3_ACCURACY.compute(frame, CONTEXT) == pytest.approx(expected, **EXACT)


def test_equals_stand_in_the_order_of_the_labels_for_the_top_three():
    frame = prediction_frame(LABELS[:4], np.full((4, 4), 0.25), list(LABELS[:4]))
    assert classification.TOP3_ACCURACY.compute(frame, MetricContext(LABELS[:4])) == 0.75


def test_the_truth_is_always_among_the_top_three_of_three_but_not_when_unknown():
    frame = prediction_frame(("a", "b", "c"), np.full((2, 3), 1 / 3), ["c", "new"])
    assert classification.TOP3_ACCURACY.compute(frame, MetricContext(("a", "b", "c"))) == 0.5


def test_rows_without_truth_cannot_be_scored():
    frame = prediction_frame(("a", "b"), np.full((2, 2), 0.5), None)
    with pytest.raises(ValueError, match="no truth"):
        classification.ACCURACY.compute(frame, MetricContext(("a", "b")))


@pytest.mark.parametrize("target", [Numbers(), Findings(("a", "b"))])
def test_what_is_for_one_class_of_several_refuses_numbers_and_findings(target) -> None:
    with pytest.raises(VertikitError, match="one class of several"):
        classification.accuracy(target.flawless(), MetricContext(target.labels))
