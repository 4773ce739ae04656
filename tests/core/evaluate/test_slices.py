import numpy as np

from tests.core.evaluate.simulated import ACCURACY, CONTEXT, share_right, simulated
from vertikit.evaluate.measuring import measure, take
from vertikit.evaluate.slices import slice_metrics

METRICS = {"accuracy": ACCURACY}


def sliced(frame, values, **options):
    return slice_metrics(frame, {"sex": np.array(values, object)}, METRICS, CONTEXT, resamples=30, **options)[
        "sex"
    ]


def test_each_value_is_measured_on_its_own_rows():
    frame = simulated(100)
    values = ["F" if row % 3 else "M" for row in range(100)]
    found = sliced(frame, values)
    women = take(frame, np.flatnonzero(np.array(values) == "F"))
    assert list(found) == ["F", "M"]
    assert found["F"]["rows"] == 66
    assert found["F"]["accuracy"]["value"] == share_right(women, CONTEXT)
    assert found["F"]["accuracy"] == measure(women, METRICS, CONTEXT, resamples=30)["accuracy"]


def test_a_slice_of_few_rows_is_counted_and_not_measured():
    found = sliced(simulated(100), ["M"] * 95 + ["F"] * 5)
    assert found["F"] == {"rows": 5, "why": "too few"}
    assert "accuracy" in sliced(simulated(100), ["M"] * 95 + ["F"] * 5, min_rows=5)["F"]


def test_rows_without_a_value_are_a_slice_of_their_own_at_the_end():
    found = sliced(simulated(100), ["Z"] * 50 + [None] * 30 + [float("nan")] * 20)
    assert list(found) == ["Z", "missing"]
    assert found["missing"]["rows"] == 50


def test_bands_stand_in_the_order_of_their_numbers():
    values = ["80+", "18-39", "<18", "65-79", "40-64", None] * 20
    found = sliced(simulated(120), values)
    assert list(found) == ["<18", "18-39", "40-64", "65-79", "80+", "missing"]


def test_no_row_is_lost_over_the_slices():
    values = ["a", "b", None, "c"] * 25
    assert sum(each["rows"] for each in sliced(simulated(100), values).values()) == 100


def test_groups_go_with_their_rows():
    groups = np.array([str(row // 50) for row in range(100)], object)
    found = sliced(simulated(100), ["M"] * 100, groups=groups)
    assert found["M"]["accuracy"]["why"] == "no interval: fewer than 10 groups"
