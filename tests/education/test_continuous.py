"""education/grading on a scale without steps: from a file to numbers with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit_education.samples.grading import write

TASK = "education/grading"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The sample's answers with shares of points that lie on no steps."""
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    write(path, rows=700, seed=2)
    frame = pd.read_csv(path, dtype=str)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, len(frame))
    shares = (frame.grade.astype(float) / 4 * 0.8 + 0.1 + noise).clip(0, 1).round(3)
    return frame.assign(grade=shares.astype(str).where(frame.grade.notna()))


@pytest.fixture(scope="module")
def quick(tiny_encoder: Path) -> dict[str, Any]:
    return {"backbone": str(tiny_encoder), "epochs": 3, "evaluation": {"bootstrap": 50}}


@pytest.fixture(scope="module")
def run(table: pd.DataFrame, quick: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    output = tmp_path_factory.mktemp("runs") / "continuous"
    return vertikit.train(TASK, table, output=output, progress=False, **quick)


def test_the_distance_decides_and_the_figures_are_those_of_the_predictions(run: vertikit.Run) -> None:
    metrics = run.metrics
    assert metrics["primary"] == "rmse" and metrics["higher_is_better"] is False
    assert metrics["outcome"]["kind"] == "numbers" and metrics["labels"] == []
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    error = kept.grade - kept.truth
    assert metrics["test"]["rmse"]["value"] == pytest.approx(float(np.sqrt((error**2).mean())), abs=1e-6)
    assert metrics["test"]["mae"]["value"] == pytest.approx(float(error.abs().mean()), abs=1e-6)
    assert metrics["test"]["pearson"]["value"] == pytest.approx(
        float(kept[["grade", "truth"]].corr().iloc[0, 1]), abs=1e-6
    )
    assert set(metrics["baselines"]) == {"mean", "overlap-ridge", "tfidf-ridge"}
    assert metrics["test"]["rmse"]["value"] < metrics["baselines"]["mean"]["rmse"]["value"]
    assert set(metrics["slices"]["group"]) == {"north", "river", "hill"}


def test_intervals_hold_the_truth_about_as_often_as_they_say(run: vertikit.Run) -> None:
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    inside = (kept.truth >= kept["grade.q05"]) & (kept.truth <= kept["grade.q95"])
    assert run.metrics["interval"]["coverage"] == pytest.approx(float(inside.mean()), abs=1e-6)
    assert 0.75 < inside.mean() < 0.99
    assert kept[["grade", "grade.q05", "grade.q95"]].to_numpy().min() >= 0
    assert kept["grade.q95"].max() <= run.metrics["outcome"]["maximum"]


def test_the_same_rows_get_the_same_numbers_from_a_loaded_run(run: vertikit.Run, table: pd.DataFrame) -> None:
    said = vertikit.load(run.folder).predict(table.drop(columns=["grade"]))
    assert len(said) == len(table)
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    fresh = said.iloc[kept.row - 1]
    for name in ("grade", "grade.spread", "grade.q05", "grade.q95"):
        assert np.allclose(fresh[name].to_numpy(), kept[name].to_numpy(), atol=1e-5), name
    assert list(fresh.decision) == list(kept.decision)


def test_a_run_judges_new_rows_and_sets_aside_what_is_beyond_its_scale(
    run: vertikit.Run, table: pd.DataFrame, tmp_path: Path
) -> None:
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    rows = table.iloc[kept.row - 1].head(60).copy()
    rows.iloc[0, rows.columns.get_loc("grade")] = "7"
    found = vertikit.load(run.folder).evaluate(rows, output=tmp_path / "judged")
    assert found["rows"] == {"read": 60, "quarantined": 1, "test": 59}
    reasons = pd.read_csv(tmp_path / "judged" / "quarantine.csv").reason
    assert "lies outside the scale from 0 to 1" in reasons[0]
    assert found["primary"] == "rmse" and found["test"]["rmse"]["value"] is not None


def test_the_report_draws_numbers_and_no_classes(run: vertikit.Run) -> None:
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    for heading in ("How near its answers come", "Its largest errors", "their weighted mean is taken"):
        assert heading in page, heading
    for other in ("Class by class", "What it takes for what", "Can its percentages be believed"):
        assert other not in page, other


@pytest.mark.slow
def test_training_again_from_the_kept_recipe_gives_the_same_numbers(
    run: vertikit.Run, table: pd.DataFrame, tmp_path: Path
) -> None:
    from vertikit.recipe.layers import load_recipe_file

    recipe = load_recipe_file(run.folder / "recipe.yaml")
    assert recipe["head"]["name"] == "bounded-regression"
    again = vertikit.train(TASK, table, output=tmp_path / "again", progress=False, **recipe)
    assert again.metrics["test"] == run.metrics["test"]


@pytest.mark.slow
def test_stated_steps_make_the_same_file_one_of_classes(
    table: pd.DataFrame, quick: dict[str, Any], tmp_path: Path
) -> None:
    rows = table.assign(grade=(table.grade.astype(float) * 4).round().astype(str))
    stated = {"minimum": 0, "maximum": 4, "step": 1}
    run = vertikit.train(TASK, rows, output=tmp_path / "run", progress=False, scale=stated, **quick)
    assert run.labels == ("0", "1", "2", "3", "4")
    assert run.metrics["outcome"]["stated"] is True


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"head": "softmax"}, "head 'softmax' tells classes apart, and grade is a number here"),
        ({"loss": "cross-entropy"}, "the loss 'cross-entropy' does not fit the head 'bounded-regression'"),
        ({"baselines": ["majority"]}, "baseline 'majority' tells classes apart"),
        ({"class_weights": "balanced"}, "the target is a number here, and has no classes"),
    ],
)
def test_parts_that_answer_with_classes_are_refused_in_one_line(
    table: pd.DataFrame, quick: dict[str, Any], tmp_path: Path, recipe: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        vertikit.train(TASK, table, output=tmp_path / "run", progress=False, **{**quick, **recipe})


@pytest.mark.slow
def test_grades_outside_a_stated_scale_are_set_aside_with_the_reason(
    table: pd.DataFrame, quick: dict[str, Any], tmp_path: Path
) -> None:
    rows = table.dropna(subset=["answer", "grade"]).copy()
    rows.iloc[[3, 5], rows.columns.get_loc("grade")] = ["1.7", "-0.2"]
    stated = {"minimum": 0, "maximum": 1}
    run = vertikit.train(TASK, rows, output=tmp_path / "run", progress=False, scale=stated, **quick)
    aside = pd.read_csv(run.folder / "quarantine.csv")
    outside = aside[aside.reason == "grade lies outside the scale from 0 to 1"]
    assert sorted(outside.row) == [4, 6]


def test_two_scales_in_one_file_are_found_and_refused(table: pd.DataFrame, quick: dict[str, Any]) -> None:
    rows = table.dropna(subset=["answer", "grade"]).copy()
    points = (rows.grade.astype(float) * 5).round()
    mixed = np.where(np.arange(len(rows)) % 2, points.astype(str), rows.grade)
    with pytest.raises(
        VertikitError, match=r"two scales: .* shares between 0 and 1, and .* whole points up to 5"
    ):
        vertikit.train(TASK, rows.assign(grade=mixed), progress=False, **quick)
    some = sorted(rows.question_id.unique())[:6]
    maxima = np.where(rows.question_id.isin(some), (points / 5 * 2).round(), points)
    with pytest.raises(VertikitError, match=r"two scales: .* questions have full points at 2 or less"):
        vertikit.train(TASK, rows.assign(grade=maxima.astype(str)), progress=False, **quick)
