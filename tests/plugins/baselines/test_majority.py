import numpy as np

from tests.plugins.baselines.rows import examples
from vertikit.columns import Text
from vertikit.contracts import Fitted
from vertikit.evaluate.comparing import sees_nothing
from vertikit.evaluate.frame import prediction_frame
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.baselines.majority import Majority

INPUTS = (Text("text"),)
ROWS = examples(["x"] * 6)
NONE = examples([])


def fitted(target):
    baseline = Majority(INPUTS, seed=0)
    baseline.fit(ROWS, np.array(target, object), NONE, np.array([], object))
    return baseline


def test_every_row_gets_the_shares_of_the_training_classes():
    found = fitted(["flu", "flu", "flu", "gout", "gout", "asthma"]).probabilities(
        ROWS, ("asthma", "flu", "gout")
    )
    assert found.shape == (6, 3)
    assert np.allclose(found, [1 / 6, 3 / 6, 2 / 6])


def test_it_names_the_most_frequent_class_and_is_known_to_see_nothing():
    labels = ("asthma", "flu", "gout")
    frame = prediction_frame(labels, fitted(["gout"] * 4 + ["flu"] * 2).probabilities(ROWS, labels), None)
    assert set(frame["prediction"]) == {"gout"}
    assert sees_nothing(frame)


def test_a_label_that_training_did_not_know_has_probability_zero_and_the_rest_sum_to_one():
    found = fitted(["flu"] * 4 + ["gout"] * 2).probabilities(ROWS, ("asthma", "flu"))
    assert found[0].tolist() == [0.0, 1.0]
    assert fitted(["flu"] * 6).probabilities(ROWS, ("asthma", "gout"))[0].tolist() == [0.5, 0.5]


def test_no_rows_get_no_probabilities():
    assert fitted(["flu"] * 6).probabilities(NONE, ("flu", "gout")).shape == (0, 2)


def test_it_is_read_back_exactly(tmp_path):
    baseline, back = fitted(["flu", "flu", "gout"]), Majority(INPUTS, seed=0)
    assert isinstance(baseline, Fitted)
    save_fitted(tmp_path, "majority", baseline)
    load_fitted(tmp_path, "majority", back)
    labels = ("flu", "gout")
    assert np.array_equal(back.probabilities(ROWS, labels), baseline.probabilities(ROWS, labels))


def test_refit_counts_these_rows_alone():
    first = fitted(["gout"] * 6)
    again = first.refit(examples(["x"] * 2), np.array(["flu", "gout"], object))
    assert again.counts == {"flu": 1, "gout": 1}
    assert first.counts == {"gout": 6}
