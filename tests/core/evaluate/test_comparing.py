import math

import numpy as np
import pytest

from tests.core.evaluate.simulated import ACCURACY, CONTEXT, probabilities, share_right, simulated
from vertikit.contracts import Metric
from vertikit.evaluate.comparing import best_baseline, paired_difference, sees_nothing
from vertikit.evaluate.frame import prediction_frame
from vertikit.evaluate.measuring import measure

LABELS = CONTEXT.labels
MISSES = Metric(lambda frame, context: 1 - share_right(frame, context), higher_is_better=False)


def pair(rows=300, noise=0.3, seed=0):
    """A good model, and a baseline that is the same with some rows spoilt."""
    table, truth = probabilities(rows, len(LABELS), seed, skill=2.0)
    spoilt = np.random.default_rng(seed).random(rows) < noise
    worse = np.where(spoilt[:, None], np.roll(table, 1, axis=1), table)
    names = [LABELS[each] for each in truth]
    return prediction_frame(LABELS, table, names), prediction_frame(LABELS, worse, names)


@pytest.mark.parametrize("metric", [ACCURACY, MISSES])
def test_a_positive_difference_means_a_better_model_whatever_the_direction(metric):
    model, baseline = pair()
    ours = paired_difference(model, baseline, metric, CONTEXT, resamples=100)
    theirs = paired_difference(baseline, model, metric, CONTEXT, resamples=100)
    assert ours["value"] == pytest.approx(share_right(model, CONTEXT) - share_right(baseline, CONTEXT))
    assert 0 < ours["ci95"][0] < ours["value"] < ours["ci95"][1]
    assert theirs["ci95"] == pytest.approx([-ours["ci95"][1], -ours["ci95"][0]])


def test_the_same_rows_are_drawn_for_both_so_shared_difficulty_cancels():
    model, baseline = pair(noise=0.05)
    low, high = paired_difference(model, baseline, ACCURACY, CONTEXT, resamples=300)["ci95"]
    alone = measure(model, {"accuracy": ACCURACY}, CONTEXT, resamples=300)["accuracy"]["ci95"]
    assert high - low < 0.6 * (alone[1] - alone[0])


def test_a_model_beside_itself_differs_by_zero_with_an_interval_of_zero():
    model = simulated(50)
    assert paired_difference(model, model, ACCURACY, CONTEXT, resamples=20) == {"value": 0.0, "ci95": [0, 0]}


def test_the_seed_decides_and_groups_widen():
    model, baseline = pair()
    groups = np.repeat(np.arange(15).astype(str), 20).astype(object)
    first = paired_difference(model, baseline, ACCURACY, CONTEXT, resamples=50, seed=1)
    assert first == paired_difference(model, baseline, ACCURACY, CONTEXT, resamples=50, seed=1)
    assert first != paired_difference(model, baseline, ACCURACY, CONTEXT, resamples=50, seed=2)
    assert first != paired_difference(model, baseline, ACCURACY, CONTEXT, groups, resamples=50, seed=1)


def test_few_rows_give_a_difference_without_an_interval():
    model = simulated(5)
    found = paired_difference(model, model, ACCURACY, CONTEXT, resamples=20)
    assert found == {"value": 0.0, "why": "no interval: fewer than 10 rows"}
    assert paired_difference(model, model, ACCURACY, CONTEXT, resamples=0) == {"value": 0.0}


def test_a_metric_that_is_not_defined_gives_no_difference():
    odd = Metric(lambda *_: math.nan)
    assert paired_difference(simulated(20), simulated(20), odd, CONTEXT)["value"] is None


def test_frames_of_other_rows_are_refused():
    with pytest.raises(ValueError, match="same rows"):
        paired_difference(simulated(20), simulated(21), ACCURACY, CONTEXT)
    with pytest.raises(ValueError, match="same rows"):
        paired_difference(simulated(20), simulated(20, seed=1), ACCURACY, CONTEXT)


def test_a_metric_of_several_numbers_cannot_compare():
    with pytest.raises(ValueError, match="several numbers"):
        paired_difference(simulated(20), simulated(20), Metric(lambda *_: {"a": 1.0}), CONTEXT)


def test_the_best_baseline_follows_the_metrics_direction_and_passes_over_missing_values():
    values = {"one": 0.3, "two": None, "three": 0.6, "four": math.nan, "five": 0.6}
    assert best_baseline(values, higher_is_better=True) == "three"
    assert best_baseline(values, higher_is_better=False) == "one"
    assert best_baseline({"two": None}, higher_is_better=True) is None


def test_a_baseline_that_gives_every_row_the_same_is_known_by_that():
    assert sees_nothing(prediction_frame(("a", "b"), np.tile([0.7, 0.3], (4, 1)), None))
    assert not sees_nothing(prediction_frame(("a", "b"), np.array([[0.7, 0.3], [0.8, 0.2]]), None))
    assert not sees_nothing(prediction_frame(("a", "b"), np.empty((0, 2)), None))
