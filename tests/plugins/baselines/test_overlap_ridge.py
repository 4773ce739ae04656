"""Overlap with the reference into a ridge regression."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.baselines.rows import examples
from vertikit.columns import Label, Text
from vertikit.errors import VertikitError
from vertikit.examples import Examples
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_education.samples.grading import answers
from vertikit_plugins.baselines.overlap_ridge import OverlapRidge

INPUTS = (Text("question", required=False), Text("reference"), Text("text"))
STEPS = ("0", "1", "2", "3", "4")
ROWS = [row for row in answers(500, seed=1) if row["answer"] and row["grade"]]


def part(rows: list[dict[str, str]]) -> tuple[Examples, np.ndarray]:
    made = examples(
        [row["answer"] for row in rows], [row["question_id"] for row in rows],
        reference=[row["reference"] for row in rows],
    )  # fmt: skip
    return made, np.array([row["grade"] for row in rows], object)


TRAIN, TRAIN_GRADES = part(ROWS[:300])
TEST, TEST_GRADES = part(ROWS[300:])
NONE, NO_GRADES = part([])


@pytest.fixture(scope="module")
def fitted() -> OverlapRidge:
    baseline = OverlapRidge(INPUTS, seed=0)
    baseline.fit(TRAIN, TRAIN_GRADES, NONE, NO_GRADES)
    return baseline


def expected(baseline: OverlapRidge, rows: Examples) -> np.ndarray:
    return baseline.probabilities(rows, STEPS) @ np.arange(5)


def test_it_foretells_grades_of_new_answers_better_than_their_mean(fitted: OverlapRidge) -> None:
    found = fitted.probabilities(TEST, STEPS)
    assert np.allclose(found.sum(axis=1), 1)
    truth = TEST_GRADES.astype(float)
    assert np.mean((expected(fitted, TEST) - truth) ** 2) < 0.95 * truth.var()


def test_the_width_is_that_of_errors_on_rows_held_out(fitted: OverlapRidge) -> None:
    apart = float(np.sqrt(np.mean((expected(fitted, TEST) - TEST_GRADES.astype(float)) ** 2)))
    assert fitted.width == pytest.approx(apart, rel=0.25)


def test_the_best_of_several_references_counts(fitted: OverlapRidge) -> None:
    good = examples(["the moon reflects light"], reference=["the moon reflects light"])
    several = examples(["the moon reflects light"], reference=["cheese is good|||the moon reflects light"])
    assert np.allclose(fitted.probabilities(good, STEPS), fitted.probabilities(several, STEPS))


def test_missing_texts_are_empty_ones(fitted: OverlapRidge) -> None:
    found = fitted.probabilities(examples([None, ""], reference=["a reference", "a reference"]), STEPS)
    assert np.array_equal(found[0], found[1])
    assert fitted.probabilities(NONE, STEPS).shape == (0, 5)


def test_far_beyond_the_scale_the_end_of_the_scale_is_foretold(fitted: OverlapRidge) -> None:
    high = fitted.probabilities(TEST, ("-900", "-800"))
    assert np.allclose(high, [0, 1])


def test_refit_keeps_the_settings_and_learns_from_these_rows_alone(fitted: OverlapRidge) -> None:
    few, grades = part(ROWS[:80])
    again = fitted.refit(few, grades)
    assert (again.penalty, again.width) == (fitted.penalty, fitted.width)
    assert not np.allclose(expected(again, TEST), expected(fitted, TEST))


def test_it_comes_back_from_disk_to_the_bit(fitted: OverlapRidge, tmp_path) -> None:
    again = OverlapRidge(INPUTS, seed=0)
    save_fitted(tmp_path, "ridge", fitted)
    load_fitted(tmp_path, "ridge", again)
    assert np.array_equal(again.probabilities(TEST, STEPS), fitted.probabilities(TEST, STEPS))


def test_one_text_or_a_target_of_names_is_refused() -> None:
    with pytest.raises(VertikitError, match="compares two texts"):
        OverlapRidge((Text("text"), Label("disease")), seed=0)
    with pytest.raises(VertikitError, match="classes are numbers"):
        OverlapRidge(INPUTS, seed=0).fit(TRAIN, np.full(len(TRAIN), "flu", object), NONE, NO_GRADES)
