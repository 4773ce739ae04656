import warnings

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline

from tests.plugins.baselines.rows import examples, notes
from vertikit.columns import Label, Text
from vertikit.errors import VertikitError
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.baselines import tfidf_logistic
from vertikit_plugins.baselines.tfidf_logistic import GRID, TfidfLogistic

INPUTS = (Text("text"),)
LABELS = ("asthma", "flu", "gout")
TRAIN, TRAIN_TRUTH = notes(150, 1)
VALID, VALID_TRUTH = notes(60, 2)
TEST, TEST_TRUTH = notes(100, 3)
NONE = (examples([]), np.array([], object))


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def fitted(valid=None, **options):
    baseline = TfidfLogistic(INPUTS, 0, **options)
    baseline.fit(examples(TRAIN), TRAIN_TRUTH, *(NONE if valid is None else valid))
    return baseline


def test_it_is_scikit_learns_pipeline_with_the_c_that_validation_rows_prefer():
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    pipelines = {c: make_pipeline(vectors, LogisticRegression(C=c, max_iter=1000)) for c in GRID}
    scores = {
        c: f1_score(
            VALID_TRUTH.astype(str), each.fit(TRAIN, TRAIN_TRUTH.astype(str)).predict(VALID), average="macro"
        )
        for c, each in pipelines.items()
    }
    baseline = fitted((examples(VALID), VALID_TRUTH))
    assert scores[baseline.c] == pytest.approx(max(scores.values()), abs=0.02)
    both = [*TRAIN, *VALID], np.concatenate([TRAIN_TRUTH, VALID_TRUTH]).astype(str)
    expected = pipelines[baseline.c].fit(*both).predict_proba(TEST)
    assert np.allclose(baseline.probabilities(examples(TEST), LABELS), expected, atol=1e-9)


def test_it_learns_what_the_words_say():
    found = fitted((examples(VALID), VALID_TRUTH)).probabilities(examples(TEST), LABELS)
    assert np.allclose(found.sum(axis=1), 1)
    named = np.array(LABELS)[found.argmax(axis=1)]
    assert 0.8 < accuracy_score(TEST_TRUTH.astype(str), named) < 1


def test_the_same_seed_gives_the_same_probabilities():
    one, two = (fitted().probabilities(examples(TEST), LABELS) for _ in range(2))
    assert np.array_equal(one, two)


def test_few_validation_rows_do_not_choose_c(monkeypatch):
    asked = []
    folds = tfidf_logistic._folds
    monkeypatch.setattr(tfidf_logistic, "_folds", lambda *given: asked.append(given) or folds(*given))
    assert fitted((examples(VALID[:29]), VALID_TRUTH[:29])).c in GRID
    assert len(asked) == 1
    fitted((examples(VALID[:30]), VALID_TRUTH[:30]))
    assert len(asked) == 1


def test_cross_validation_parts_rows_or_whole_groups():
    classes = np.array(["a", "b"] * 30)
    groups = np.array([f"p{row // 4}" for row in range(60)], object)
    for given in (None, groups):
        parts = list(tfidf_logistic._folds(classes, given, seed=0))
        assert len(parts) == 5
        assert sorted(row for _, outside in parts for row in outside) == list(range(60))
        if given is not None:
            assert all(not set(given[inside]) & set(given[outside]) for inside, outside in parts)


@pytest.mark.parametrize(
    ("classes", "groups"), [(list("ab"), None), (list("aabb"), None), (list("ab") * 9, ["p"] * 18)]
)
def test_where_nothing_can_be_held_out_c_is_the_middle_of_the_grid(classes, groups):
    baseline = TfidfLogistic(INPUTS, 0)
    texts = [f"{'cough' if each == 'a' else 'fever'} since monday" for each in classes]
    baseline.fit(examples(texts, groups), np.array(classes, object), *NONE)
    assert baseline.c == 10.0
    assert baseline.probabilities(examples(["cough"]), ("a", "b")).argmax() == 0


def test_a_class_of_one_row_does_not_stop_it():
    truth = TRAIN_TRUTH.copy()
    truth[0] = "rabies"
    baseline = TfidfLogistic(INPUTS, 0)
    baseline.fit(examples(TRAIN), truth, *NONE)
    assert baseline.probabilities(examples(TEST), (*LABELS, "rabies")).shape == (100, 4)


def test_labels_stand_in_the_order_asked_for_and_unknown_ones_have_probability_zero():
    baseline = fitted()
    straight = baseline.probabilities(examples(TEST), LABELS)
    turned = baseline.probabilities(examples(TEST), ("rabies", "gout", "asthma", "flu"))
    assert (turned[:, 0] == 0).all()
    assert np.array_equal(turned[:, 1:], straight[:, [2, 0, 1]])


def test_two_classes_are_told_apart_as_well_as_more():
    pair = np.where(TRAIN_TRUTH == "asthma", "asthma", "other").astype(object)
    baseline = TfidfLogistic(INPUTS, 0)
    baseline.fit(examples(TRAIN), pair, *NONE)
    found = baseline.probabilities(examples(TEST), ("asthma", "other"))
    assert np.allclose(found.sum(axis=1), 1)
    assert np.mean((found[:, 0] > 0.5) == (TEST_TRUTH == "asthma")) > 0.8


def test_one_class_or_texts_without_words_leave_the_shares_of_the_classes():
    one = TfidfLogistic(INPUTS, 0)
    one.fit(examples(TRAIN), np.full(len(TRAIN), "flu", object), *NONE)
    assert one.probabilities(examples(TEST), LABELS)[0].tolist() == [0, 1, 0]
    mute = TfidfLogistic(INPUTS, 0)
    mute.fit(examples(["", None, "?", "!"]), np.array(["flu", "flu", "flu", "gout"], object), *NONE)
    assert mute.probabilities(examples(["fever"]), LABELS)[0].tolist() == [0, 0.75, 0.25]


def test_a_text_that_is_missing_or_says_nothing_known_gets_probabilities_all_the_same():
    found = fitted().probabilities(examples([None, "zzzz"]), LABELS)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.array_equal(found[0], found[1])


def test_few_texts_keep_the_terms_of_a_single_one():
    baseline = TfidfLogistic(INPUTS, 0)
    baseline.fit(examples(["podagra", "influenza"]), np.array(["gout", "flu"], object), *NONE)
    assert baseline.probabilities(examples(["podagra"]), LABELS).argmax() == 2


def test_several_text_columns_are_read_together():
    baseline = TfidfLogistic((Text("text"), Text("history")), 0)
    rows = examples(["same"] * 12, history=["wheeze", "uric"] * 6)
    baseline.fit(rows, np.array(["asthma", "gout"] * 6, object), *NONE)
    assert baseline.probabilities(rows, LABELS).argmax(axis=1).tolist() == [0, 2] * 6


def test_a_task_without_text_is_told_to_leave_it_out():
    with pytest.raises(VertikitError, match="no text column"):
        TfidfLogistic((Label("disease"),), 0)


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_it_is_read_back_exactly(tmp_path, classes):
    truth = np.array([label if LABELS.index(label) < classes else "asthma" for label in TRAIN_TRUTH], object)
    baseline, back = TfidfLogistic(INPUTS, 0), TfidfLogistic(INPUTS, 0)
    baseline.fit(examples(TRAIN), truth, *NONE)
    save_fitted(tmp_path, "tfidf-logistic", baseline)
    load_fitted(tmp_path, "tfidf-logistic", back)
    rows = examples(TEST)
    assert np.array_equal(back.probabilities(rows, LABELS), baseline.probabilities(rows, LABELS))
    save_fitted(tmp_path, "again", back)
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "tfidf-logistic.json").read_bytes()


def test_refit_keeps_the_settings_and_learns_from_these_rows_alone():
    first, none = TfidfLogistic(INPUTS, seed=0), examples([])
    first.fit(examples(TRAIN), TRAIN_TRUTH, none, TRAIN_TRUTH[:0])
    again = first.refit(examples(TRAIN[:40]), TRAIN_TRUTH[:40])
    plain = TfidfLogistic(INPUTS, seed=0, grid=(first.c,))
    plain.fit(examples(TRAIN[:40]), TRAIN_TRUTH[:40], none, TRAIN_TRUTH[:0])
    assert again is not first
    assert again.c == first.c
    found = again.probabilities(examples(VALID), LABELS)
    assert np.array_equal(found, plain.probabilities(examples(VALID), LABELS))
    assert not np.allclose(found, first.probabilities(examples(VALID), LABELS))
