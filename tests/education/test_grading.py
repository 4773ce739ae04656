"""education/grading from a file of answers to grades, with a tiny encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import VertikitError
from vertikit_education.samples.grading import write

TASK = "education/grading"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    write(path, rows=700, seed=2)
    return path


@pytest.fixture(scope="module")
def quick(tiny_encoder: Path) -> dict[str, Any]:
    return {"backbone": str(tiny_encoder), "epochs": 3, "evaluation": {"bootstrap": 50}}


@pytest.fixture(scope="module")
def run(table: Path, quick: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    output = tmp_path_factory.mktemp("runs") / "grading"
    return vertikit.train(TASK, table, output=output, progress=False, **quick)


def test_no_question_of_the_test_was_trained_on(run: vertikit.Run, table: Path) -> None:
    assert run.metrics["split"]["name"] == "unseen"
    asked = pd.read_csv(table).question_id
    tested = set(asked.iloc[pd.read_parquet(run.folder / "predictions.parquet").row - 1])
    further = run.metrics["tests"]["unseen_answers"]
    assert further["qwk"]["value"] is not None and "never seen" in further["verdict"]
    assert run.metrics["rows"]["unseen_answers"] > 20
    assert run.metrics["split"]["groups"] == asked.nunique()
    assert 3 <= len(tested) < asked.nunique() / 2
    assert f"of {len(tested)} questions it has never seen" in run.verdict


def test_the_trades_metrics_stand_beside_the_trades_baseline(run: vertikit.Run) -> None:
    metrics = run.metrics
    assert metrics["primary"] == "qwk" and run.labels == ("0", "1", "2", "3", "4")
    for name in ("qwk", "accuracy", "adjacent_agreement", "rmse", "mae", "pearson", "smd"):
        assert metrics["test"][name]["value"] is not None, name
    assert set(metrics["baselines"]) == {"majority", "overlap-ridge", "tfidf-logistic"}
    assert metrics["baselines"]["majority"]["qwk"]["value"] == 0
    assert metrics["baselines"]["overlap-ridge"]["qwk"]["value"] > 0.15
    assert metrics["blend"]["with"] == "overlap-ridge"
    assert set(metrics["slices"]["group"]) == {"north", "river", "hill"}


def test_the_encoder_is_shared_and_counted_once(run: vertikit.Run, tiny_encoder: Path) -> None:
    from transformers import AutoModel

    own = sum(
        each.numel() for each in AutoModel.from_pretrained(tiny_encoder, add_pooling_layer=False).parameters()
    )
    # Differences and products with the question and with the reference, and what the overlap expert counts: of the
    # answer, and of it beside each of them.
    head = (4 * 16 + 2 + 2 * 5) * 4 + 4
    assert run.metrics["cost"]["parameters"] == own + head
    assert list(run.manifest["backbones"]) == ["question"]


def test_new_answers_are_graded_or_go_to_the_teacher(run: vertikit.Run, table: Path) -> None:
    rows = pd.read_csv(table, dtype=str).drop(columns=["grade"])
    said = vertikit.load(run.folder).predict(rows)
    assert len(said) == len(rows)
    assert set(said.decision.dropna()) <= {*run.labels, "to the teacher"}
    empty = said[rows.answer.isna()]
    assert len(empty) and set(empty.grade) == {"0"} and set(empty.reason) == {"the answer is empty"}
    assert said.error.isna().all()
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    fresh = said.iloc[kept.row - 1]
    columns = [f"grade.p.{label}" for label in run.labels]
    assert np.allclose(fresh[columns].to_numpy(), kept[columns].to_numpy(), atol=1e-5)


def test_a_cell_without_its_question_is_graded_and_a_table_without_the_column_is_refused(
    run: vertikit.Run,
) -> None:
    row = {
        "question": "",
        "reference": "Ice is less dense.",
        "answer": "it is less dense",
        "question_id": "q99",
    }
    assert run.predict([row]).grade.notna().all()
    del row["question"]
    with pytest.raises(VertikitError, match="--map question=COLUMN"):
        run.predict([row])


@pytest.mark.slow
def test_answers_without_questions_are_trained_on_as_well(
    table: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    frame = pd.read_csv(table, dtype=str).drop(columns=["question"])
    run = vertikit.train(
        TASK, frame, output=tmp_path / "run", progress=False, **{**quick, "strategy": "lora", "epochs": 1}
    )
    assert list(run.manifest["backbones"]) == ["reference"]
    assert (run.folder / "model" / "reference" / "adapter_model.safetensors").exists()
    assert vertikit.load(run.folder).predict(frame.head(20)).grade.notna().sum() >= 18


def test_grades_that_are_words_are_set_aside_with_the_reason(table: Path, quick: dict[str, Any]) -> None:
    frame = pd.read_csv(table, dtype=str)
    frame["grade"] = "good"
    with pytest.raises(VertikitError) as refused:
        vertikit.train(TASK, frame, progress=False, **quick)
    assert "grade is no number" in str(refused.value)


def test_no_answer_is_in_report_log_or_quarantine(run: vertikit.Run, table: Path) -> None:
    secrets = [each for each in pd.read_csv(table).answer.dropna() if len(each) > 40]
    for name in ("report.html", "log.jsonl", "quarantine.csv", "metrics.json", "README.md"):
        content = (run.folder / name).read_text(encoding="utf-8")
        assert not [each for each in secrets if each in content], name


@pytest.mark.slow
def test_a_users_own_part_of_unseen_answers_may_hold_known_questions(
    table: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    frame = pd.read_csv(table, dtype=str)
    own = frame[frame.question_id == "q01"].dropna(subset=["answer", "grade"]).head(8)
    rest = frame.drop(own.index)
    found = {}
    for name in ("unseen_answers", "unseen_questions"):
        run = vertikit.train(TASK, rest, test={name: own}, output=tmp_path / name, progress=False, **quick)
        assert run.metrics["split"]["name"] == "official"
        assert 5 <= run.metrics["rows"][name] <= len(own)
        found[name] = run.metrics["leaks"]["group_rows"]
    assert found["unseen_answers"] == 0, "training lost a question that the part is meant to share"
    assert found["unseen_questions"] > 5


def test_a_second_grader_stands_beside_the_model_and_the_bars_are_told(
    run: vertikit.Run, table: Path
) -> None:
    second = run.metrics["second"]
    frame = pd.read_csv(table)
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    both = frame.iloc[kept.row - 1].dropna(subset=["grade2"])
    assert second["rows"] == len(both) and second["column"] == "grade2"
    assert second["second"]["accuracy"]["value"] == pytest.approx(
        float((both.grade == both.grade2).mean()), abs=1e-6
    )
    assert second["second"]["qwk"]["value"] > second["model"]["qwk"]["value"]
    told = {bar["bar"]: bar for bar in run.metrics["bars"]}
    assert told["QWK at least 0.70"]["passed"] is False
    assert told["QWK no more than 0.10 worse than a second grader's"]["value"] > 0.1
    assert told["SMD at most 0.10 in every group"]["where"].startswith("group ")
    assert set(run.metrics["slices"]["group"]["hill"]) >= {"qwk", "rmse", "pearson", "smd", "accuracy"}


def test_answers_made_to_fool_it_are_tried_at_training_and_at_evaluation(
    run: vertikit.Run, table: Path
) -> None:
    names = {"off-topic", "gibberish", "question copied", "padding", "keyword list", "negated reference"}
    trained = run.metrics["probes"]
    assert set(trained["probes"]) == names and 50 < trained["rows"] <= 200
    assert all(0 <= each["decided"] <= each["share"] <= 1 for each in trained["probes"].values())
    assert "Can it be fooled?" in (run.folder / "report.html").read_text(encoding="utf-8")
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    rows = pd.read_csv(table, dtype=str).iloc[kept.row - 1]
    judged = vertikit.load(run.folder).evaluate(rows)
    # The same rows in the same order, altered by the same seed, through the model as it was saved.
    assert judged["probes"] == trained
    failing = [name for name, each in trained["probes"].items() if not each["held"]]
    assert any("get through" in warning for warning in run.metrics["warnings"]) == bool(failing)


def test_students_on_both_sides_are_counted_and_not_kept_apart(run: vertikit.Run) -> None:
    (note,) = [each for each in run.metrics["notes"] if "not by student" in each]
    assert "of the test are in training too" in note


def test_experts_are_compared_with_the_model_without_them(run: vertikit.Run) -> None:
    compared = run.metrics["experts"]
    assert compared["through"] == "ridge" and set(compared["used"]) == {"overlap"}
    for side in ("alone", "without", "with"):
        assert compared[side]["qwk"]["value"] is not None


@pytest.mark.parametrize("combine", ["joint", "pair", "cosine"])
def test_texts_are_read_together_or_one_by_one_and_again_the_same(
    table: Path, quick: dict[str, Any], tmp_path: Path, combine: str
) -> None:
    frame = pd.read_csv(table, dtype=str).head(300)
    recipe = {
        **quick,
        "epochs": 1,
        "combine": combine,
        "evaluation": {"bootstrap": 0, "compare_experts": False},
    }
    run = vertikit.train(TASK, frame, output=tmp_path / "run", progress=False, **recipe)
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    fresh = vertikit.load(run.folder).predict(frame).iloc[kept.row - 1]
    columns = [f"grade.p.{label}" for label in run.labels]
    assert np.allclose(fresh[columns].to_numpy(), kept[columns].to_numpy(), atol=1e-5)
