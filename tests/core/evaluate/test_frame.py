import numpy as np
import pytest

from vertikit.errors import VertikitError
from vertikit.evaluate.frame import is_right, prediction_frame, probability_matrix, top_confidence

LABELS = ("asthma", "flu", "gout")
TABLE = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]])


def test_the_frame_has_truth_prediction_weight_and_a_column_per_label():
    frame = prediction_frame(LABELS, TABLE, ["asthma", "flu", "flu"], [1, 2, 3])
    assert list(frame.columns) == ["truth", "prediction", "weight", "p.asthma", "p.flu", "p.gout"]
    assert frame["truth"].tolist() == ["asthma", "flu", "flu"]
    assert frame["weight"].tolist() == [1, 2, 3]
    assert np.array_equal(probability_matrix(frame, LABELS), TABLE)


def test_the_likeliest_class_is_predicted_and_the_first_of_equals():
    frame = prediction_frame(LABELS, TABLE, None)
    assert frame["prediction"].tolist() == ["asthma", "gout", "asthma"]
    assert top_confidence(frame).tolist() == [0.5, 0.7, 0.4]


def test_without_truth_the_column_is_missing_and_nothing_is_right():
    frame = prediction_frame(LABELS, TABLE, None)
    assert frame["truth"].isna().all()
    assert not is_right(frame).any()


def test_a_row_may_lack_its_truth():
    frame = prediction_frame(LABELS, TABLE, ["asthma", None, "flu"])
    assert frame["truth"].isna().tolist() == [False, True, False]
    assert is_right(frame).tolist() == [True, False, False]


def test_a_class_that_the_model_does_not_know_stays_in_the_truth_and_is_never_right():
    frame = prediction_frame(LABELS, TABLE, ["rabies", "gout", "asthma"])
    assert frame["truth"].tolist() == ["rabies", "gout", "asthma"]
    assert is_right(frame).tolist() == [False, True, True]


def test_no_rows_give_an_empty_frame():
    frame = prediction_frame(LABELS, np.empty((0, 3)), [])
    assert len(frame) == 0
    assert probability_matrix(frame, LABELS).shape == (0, 3)
    assert len(top_confidence(frame)) == 0


def test_probabilities_that_are_not_numbers_are_refused_with_what_to_do():
    with pytest.raises(VertikitError, match=r"1 of 3 predictions are not numbers.*optimiser\.rate"):
        prediction_frame(LABELS, np.where(TABLE == 0.7, np.nan, TABLE), None)


@pytest.mark.parametrize(
    ("labels", "truth", "weight"),
    [(("a", "b"), None, None), (LABELS, ["flu"], None), (LABELS, None, [1.0]), ((), None, None)],
)
def test_shapes_that_do_not_fit_are_refused(labels, truth, weight):
    with pytest.raises(ValueError):
        prediction_frame(labels, TABLE, truth, weight)


def test_probabilities_are_found_by_name_where_columns_were_moved():
    frame = prediction_frame(LABELS, TABLE, None)
    moved = frame[["p.gout", "weight", "p.asthma", "truth", "p.flu"]]
    assert np.array_equal(probability_matrix(moved, LABELS), TABLE)
    assert np.array_equal(probability_matrix(frame, ("gout", "asthma")), TABLE[:, [2, 0]])
    with pytest.raises(KeyError):
        probability_matrix(frame, ("flu", "rabies"))
