import json
import math

import numpy as np
import pytest

from tests.core.evaluate.simulated import ACCURACY, CONTEXT, LABELS, share_right, simulated
from vertikit.contracts import Metric
from vertikit.evaluate.frame import prediction_frame
from vertikit.evaluate.measuring import interval, measure

METRICS = {"accuracy": ACCURACY}


def width(entry):
    return entry["ci95"][1] - entry["ci95"][0]


def test_a_value_lies_in_its_interval_and_the_seed_decides_the_interval():
    frame = simulated(150)
    first = measure(frame, METRICS, CONTEXT, resamples=200, seed=3)["accuracy"]
    assert first["value"] == share_right(frame, CONTEXT)
    assert first["ci95"][0] < first["value"] < first["ci95"][1]
    assert first == measure(frame, METRICS, CONTEXT, resamples=200, seed=3)["accuracy"]
    assert first != measure(frame, METRICS, CONTEXT, resamples=200, seed=4)["accuracy"]


def test_the_interval_of_a_share_is_that_of_the_normal_approximation():
    found = measure(simulated(1000), METRICS, CONTEXT, resamples=2000)["accuracy"]
    share = found["value"]
    half = 1.96 * math.sqrt(share * (1 - share) / 1000)
    assert found["ci95"] == pytest.approx([share - half, share + half], abs=0.004)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    # Of 60 intervals at 95 %, fewer than 52 would hold the truth once in a thousand times.
    exact = share_right(simulated(200_000, seed=99), CONTEXT)
    held = 0
    for seed in range(60):
        low, high = measure(simulated(120, seed), METRICS, CONTEXT, resamples=80)["accuracy"]["ci95"]
        held += low <= exact <= high
    assert held >= 52


def test_rows_that_share_a_fate_by_group_widen_the_interval():
    random = np.random.default_rng(0)
    right = np.repeat(random.random(40) < 0.6, 10)
    table = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    frame = prediction_frame(("a", "b"), table, ["a"] * 400)
    groups = np.repeat(np.arange(40).astype(str), 10).astype(object)
    rows = measure(frame, METRICS, CONTEXT, resamples=400)["accuracy"]
    whole = measure(frame, METRICS, CONTEXT, groups=groups, resamples=400)["accuracy"]
    assert rows["value"] == whole["value"]
    # Ten rows that agree tell as much as one: the interval is wider by the root of ten.
    assert width(whole) / width(rows) == pytest.approx(math.sqrt(10), rel=0.2)


def test_without_resamples_there_are_values_alone():
    assert measure(simulated(50), METRICS, CONTEXT, resamples=0) == {
        "accuracy": {"value": share_right(simulated(50), CONTEXT)}
    }


def test_named_numbers_stand_under_their_own_names_and_counts_have_no_interval():
    named = Metric(lambda frame, _: {"share.a": float((frame["truth"] == "a").mean()), "rows.a": 7})
    found = measure(simulated(100), {"named": named}, CONTEXT, resamples=50)
    assert list(found) == ["share.a", "rows.a"]
    assert "ci95" in found["share.a"]
    assert found["rows.a"] == {"value": 7}


def test_a_named_number_that_is_called_like_a_metric_is_told_apart():
    named = Metric(lambda *_: {"accuracy": 0.5})
    found = measure(simulated(20), {"named": named, **METRICS}, CONTEXT, resamples=0)
    assert found["named.accuracy"]["value"] == 0.5
    assert found["accuracy"]["value"] == share_right(simulated(20), CONTEXT)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_written_as_none_with_the_reason(value):
    found = measure(simulated(50), {"odd": Metric(lambda *_: value)}, CONTEXT, resamples=20)
    assert found == {"odd": {"value": None, "why": "not defined on these rows"}}
    json.dumps(found, allow_nan=False)


def test_a_metric_that_fails_says_why_and_spares_the_others():
    def fails(*_):
        raise ZeroDivisionError("division\nby zero")

    found = measure(simulated(50), {"odd": Metric(fails), **METRICS}, CONTEXT, resamples=20)
    assert found["odd"] == {"value": None, "why": "ZeroDivisionError: division by zero"}
    assert "ci95" in found["accuracy"]


def test_resamples_on_which_a_metric_is_not_defined_are_left_out_of_its_interval():
    frame = simulated(40)
    first = frame["p.a"].iloc[0]

    def on_first(rows, _):
        share = (rows["p.a"] == first).mean()
        return float(share) if share else math.nan

    found = measure(frame, {"first": Metric(on_first)}, CONTEXT, resamples=200)["first"]
    assert found["ci95"][0] >= 1 / 40


def test_a_metric_that_most_resamples_do_not_define_has_no_interval():
    frame = simulated(40)

    def whole(rows, _):
        return 1.0 if rows["p.a"].nunique() == 40 else math.nan

    found = measure(frame, {"whole": Metric(whole)}, CONTEXT, resamples=50)["whole"]
    assert found == {"value": 1.0, "why": "no interval: too few resamples define it"}


@pytest.mark.parametrize("rows", [1, 9])
def test_few_rows_have_a_value_and_no_interval(rows):
    found = measure(simulated(rows), METRICS, CONTEXT, resamples=50)["accuracy"]
    assert found["why"] == "no interval: fewer than 10 rows"
    assert found["value"] is not None


def test_few_groups_have_no_interval_however_many_rows_they_have():
    groups = np.array(["p1", "p2"] * 50, object)
    found = measure(simulated(100), METRICS, CONTEXT, groups=groups, resamples=50)["accuracy"]
    assert found["why"] == "no interval: fewer than 10 groups"


def test_where_every_answer_is_right_no_interval_of_width_zero_claims_certainty():
    frame = prediction_frame(("a", "b"), np.tile([0.9, 0.1], (30, 1)), ["a"] * 30)
    assert measure(frame, METRICS, CONTEXT, resamples=50)["accuracy"] == {
        "value": 1.0,
        "why": "no interval: all resamples agree",
    }


def test_no_rows_give_no_values_and_no_error():
    frame = prediction_frame(LABELS, np.empty((0, len(LABELS))), [])
    assert measure(frame, METRICS, CONTEXT, resamples=50)["accuracy"] == {"value": None, "why": "no rows"}


def test_an_interval_reaches_to_the_value_that_all_resamples_exceed():
    assert interval(np.array([0.3, 0.4, 0.5]), 0.1)[0] == 0.1
    assert interval(np.array([0.3, math.nan, math.nan]), 0.3) is None
