import math

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from tests.core.evaluate.simulated import LABELS, simulated
from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.frame import is_right, prediction_frame, probability_matrix, top_confidence
from vertikit.evaluate.measuring import measure, take
from vertikit_plugins.metrics import classification, probability

CONTEXT = MetricContext(LABELS)
PAIR = MetricContext(("a", "b"))
EXACT = {"rel": 0, "abs": 1e-9}


def areas(frame, labels=LABELS):
    truth, table = np.asarray(frame["truth"], object), probability_matrix(frame, labels)
    for index, label in enumerate(labels):
        if 0 < (truth == label).sum() < len(truth):
            yield reference.roc_auc_score(truth == label, table[:, index], sample_weight=frame["weight"])


def pair(first, truth):
    return prediction_frame(("a", "b"), np.array([[p, 1 - p] for p in first]), list(truth))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [15, 300])
def test_auroc_is_the_mean_of_scikit_learns_over_classes_with_rows_on_both_sides(weighted, rows):
    frame = simulated(rows, seed=rows, weighted=weighted)
    assert probability.AUROC.compute(frame, CONTEXT) == pytest.approx(np.mean(list(areas(frame))), **EXACT)


def test_equal_scores_count_one_half_in_the_auroc():
    frame = simulated(300)
    rounded = prediction_frame(LABELS, probability_matrix(frame, LABELS).round(1), list(frame["truth"]))
    drawn = take(rounded, np.random.default_rng(0).integers(0, 300, 300))
    for each in (rounded, drawn):
        assert probability.AUROC.compute(each, CONTEXT) == pytest.approx(np.mean(list(areas(each))), **EXACT)
    assert probability.AUROC.compute(pair([0.5] * 4, "aabb"), PAIR) == 0.5


def test_auroc_is_not_defined_where_no_class_has_rows_on_both_sides():
    assert math.isnan(probability.AUROC.compute(pair([0.9, 0.8], "aa"), PAIR))
    assert math.isnan(probability.AUROC.compute(pair([0.9], "a"), PAIR))


@pytest.mark.parametrize("weighted", [False, True])
def test_log_loss_is_scikit_learns(weighted):
    frame = simulated(300, weighted=weighted)
    expected = reference.log_loss(
        frame["truth"].astype(str),
        probability_matrix(frame, LABELS),
        labels=list(LABELS),
        sample_weight=frame["weight"],
    )
    assert probability.LOG_LOSS.compute(frame, CONTEXT) == pytest.approx(expected, **EXACT)
    assert not probability.LOG_LOSS.higher_is_better


def test_a_true_class_that_was_ruled_out_costs_much_and_not_infinity():
    found = probability.LOG_LOSS.compute(pair([0.0], "a"), PAIR)
    assert found == pytest.approx(reference.log_loss(["a"], [[0.0, 1.0]], labels=["a", "b"]))
    assert 36 < found < 37


@pytest.mark.parametrize("weighted", [False, True])
def test_brier_is_scikit_learns_without_halving(weighted):
    frame = simulated(300, weighted=weighted)
    expected = reference.brier_score_loss(
        frame["truth"].astype(str),
        probability_matrix(frame, LABELS),
        labels=list(LABELS),
        sample_weight=frame["weight"],
        scale_by_half=False,
    )
    assert probability.BRIER.compute(frame, CONTEXT) == pytest.approx(expected, **EXACT)
    assert probability.BRIER.compute(pair([0.0], "a"), PAIR) == 2.0


def test_ece_weighs_the_gaps_of_the_bins_by_their_rows():
    frame = simulated(500)
    confidence = top_confidence(frame)
    accuracy, mean = calibration_curve(is_right(frame), confidence, n_bins=15)
    rows = np.histogram(confidence, bins=np.linspace(0, 1, 16))[0]
    expected = (np.abs(accuracy - mean) * rows[rows > 0]).sum() / 500
    assert probability.ECE.compute(frame, CONTEXT) == pytest.approx(expected, **EXACT)


def test_ece_is_zero_where_confidence_is_accuracy_and_weights_count():
    assert probability.ECE.compute(pair([0.75] * 4, "aaab"), PAIR) == pytest.approx(0, abs=1e-12)
    frame = pair([0.75] * 4, "aaab").assign(weight=[1, 1, 1, 3])
    assert probability.ECE.compute(frame, PAIR) == pytest.approx(0.25)


def test_a_true_class_that_the_model_does_not_know_has_probability_zero():
    frame = pair([0.9, 0.9], ["a", "new"])
    assert probability.BRIER.compute(frame, PAIR) == pytest.approx((0.02 + 0.82 + 1) / 2)
    assert probability.LOG_LOSS.compute(frame, PAIR) > 18
    assert probability.AUROC.compute(frame, PAIR) == 0.5


def test_every_metric_of_24_classes_has_an_interval_around_its_value():
    labels = tuple(f"class {number}" for number in range(24))
    metrics = {
        name: metric
        for module in (classification, probability)
        for name, metric in vars(module).items()
        if isinstance(metric, Metric)
    }
    assert len(metrics) == 11
    found = measure(simulated(600, skill=2.0, labels=labels), metrics, MetricContext(labels), resamples=50)
    assert len(found) == 10 + 4 * 24
    ranges = {name: number["ci95"] for name, number in found.items() if "ci95" in number}
    assert set(metrics) - {"PER_CLASS"} <= set(ranges)
    for name, (low, high) in ranges.items():
        assert low < high, name
        assert low <= found[name]["value"] <= high, name
