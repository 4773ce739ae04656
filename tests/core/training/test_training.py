from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli import main
from vertikit.registry import Component, registry
from vertikit.run.events import EventLog

Recipe = dict[str, Any]


def numbers(run: vertikit.Run) -> dict[str, Any]:
    """metrics.json without what may differ from run to run: time."""
    return {key: value for key, value in run.metrics.items() if key != "seconds"}


def test_a_run_folder_holds_what_it_promises(probe_run: vertikit.Run) -> None:
    names = {path.name for path in probe_run.folder.iterdir()}
    assert names == {
        "README.md", "recipe.yaml", "task.json", "model", "metrics.json", "predictions.parquet",
        "quarantine.csv", "report.html", "log.jsonl",
    }  # fmt: skip
    assert set(probe_run.manifest["files"]) >= {"recipe.yaml", "metrics.json", "model/head.safetensors"}
    assert not list(probe_run.folder.rglob("*.pkl")) + list(probe_run.folder.rglob("*.bin"))


def test_metrics_have_intervals_baselines_a_difference_and_a_verdict(probe_run: vertikit.Run) -> None:
    metrics = probe_run.metrics
    low, high = metrics["test"]["macro_f1"]["ci95"]
    assert low <= metrics["test"]["macro_f1"]["value"] <= high
    assert set(metrics["baselines"]) == {"majority", "tfidf-logistic"}
    assert metrics["difference"]["baseline"] == "tfidf-logistic"
    assert probe_run.verdict.startswith("On ")
    assert {"sex", "age", "site"} <= set(metrics["slices"])
    counted = metrics["rows"]
    used = counted["train"] + counted["valid"] + counted["test"]
    assert counted["read"] == used + counted["quarantined"] + counted["removed"]


def test_the_same_seed_gives_the_same_numbers(
    probe_run: vertikit.Run, notes: Path, quick: Recipe, tmp_path: Path
) -> None:
    again = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "again", progress=False, **quick
    )
    assert numbers(again) == numbers(probe_run)
    other = vertikit.train(
        "medical/diagnosis",
        notes,
        map={"id": "note_id"},
        output=tmp_path / "other",
        progress=False,
        seed=1,
        **quick,
    )
    assert numbers(other)["test"] != numbers(probe_run)["test"]


def test_training_again_from_a_runs_recipe_reproduces_it(
    probe_run: vertikit.Run, notes: Path, tmp_path: Path
) -> None:
    recipe = probe_run.recipe.model_dump()
    again = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "again", progress=False, **recipe
    )
    assert numbers(again) == numbers(probe_run)


@pytest.mark.parametrize(
    "strategy",
    [
        "probe",
        "lora",
        pytest.param({"name": "partial", "layers": 1}, marks=pytest.mark.slow),
        pytest.param("full", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_goes_on_to_the_same_result(
    strategy: object, notes: Path, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(name: str, resume: bool = False) -> vertikit.Run:
        return vertikit.train(
            "medical/diagnosis", notes, output=tmp_path / name, progress=False, resume=resume,
            **{**quick, "strategy": strategy, "baselines": ["majority"]},
        )  # fmt: skip

    whole = train("whole")
    write = EventLog.write
    epochs = 0

    def interrupted(self: EventLog, event: str, **values: Any) -> None:
        nonlocal epochs
        write(self, event, **values)
        epochs += event == "epoch_ended"
        if epochs == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(EventLog, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train("cut")
    monkeypatch.setattr(EventLog, "write", write)
    assert not (tmp_path / "cut").exists()
    with pytest.raises(UsageError, match="resume"):
        train("cut")
    resumed = train("cut", resume=True)
    assert numbers(resumed) == numbers(whole)
    assert not (tmp_path / "cut.partial").exists()


def test_resume_refuses_another_recipe(
    notes: Path, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: EventLog, event: str, **__: Any) -> None:
        if event == "rows_prepared":
            raise KeyboardInterrupt

    monkeypatch.setattr(EventLog, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        vertikit.train("medical/diagnosis", notes, output=tmp_path / "cut", progress=False, **quick)
    with pytest.raises(UsageError, match="other data or another recipe"):
        vertikit.train(
            "medical/diagnosis", notes, output=tmp_path / "cut", progress=False, resume=True, seed=5, **quick
        )


def test_an_output_that_exists_is_not_touched(notes: Path, quick: Recipe, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="exists already"):
        vertikit.train("medical/diagnosis", notes, output=tmp_path / "mine", progress=False, **quick)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_output_that_cannot_be_written_is_one_line(notes: Path, quick: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        vertikit.train("medical/diagnosis", notes, output=tmp_path / "file" / "run", progress=False, **quick)


def test_bad_data_leaves_no_folder_behind(quick: Recipe, tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["cough"] * 50, "disease": ["cold"] * 50})
    with pytest.raises(VertikitError):
        vertikit.train("medical/diagnosis", frame, output=tmp_path / "run", progress=False, **quick)
    assert not list(tmp_path.iterdir())


def test_few_rows_are_calibrated_out_of_fold_and_said_so(quick: Recipe, notes: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(notes).dropna(subset=["text", "disease"])
    frame = (
        frame[frame.disease.isin(["common cold", "influenza", "migraine"])].drop_duplicates("text").head(60)
    )
    run = vertikit.train(
        "medical/diagnosis", frame[["text", "disease"]], output=tmp_path / "few", progress=False, **quick
    )
    metrics = run.metrics
    assert metrics["split"]["refit"]
    assert metrics["calibration"]["rows"] == metrics["rows"]["train"] + metrics["rows"]["valid"]
    assert any("out of fold" in warning for warning in metrics["warnings"])
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "out of fold" in page and "the rows left out of training in turn" in page
    assert "The line should fall." in page and "Both lines" not in page


@pytest.mark.slow
def test_the_overfitting_alarm_says_on_which_rows_it_rests(
    quick: Recipe, notes: Path, tmp_path: Path
) -> None:
    layer = {**quick, "evaluation": {"bootstrap": 0, "overfit_gap": 0.001}, "epochs": 30, "patience": 0}
    layer |= {"head": {"dropout": 0.0}, "optimiser": {"rate": 0.05}}
    judged_on = {"probe": "than others trained alike do on rows left out", "full": "than on others"}
    for strategy, others in judged_on.items():
        run = vertikit.train(
            "medical/diagnosis", notes, output=tmp_path / strategy, progress=False, strategy=strategy, **layer
        )
        assert run.metrics["overfitting"]["in_turn"] == (strategy == "probe")
        assert run.metrics["overfitting"]["alarm"]
        assert any(others in warning for warning in run.metrics["warnings"])


@pytest.mark.slow
def test_a_learning_curve_is_drawn_where_the_recipe_asks_for_it(
    quick: Recipe, notes: Path, tmp_path: Path
) -> None:
    layer = {**quick, "evaluation": {"bootstrap": 50, "learning_curve": [0.3, 0.6]}}
    run = vertikit.train("medical/diagnosis", notes, output=tmp_path / "curve", progress=False, **layer)
    curve = run.metrics["learning_curve"]
    assert [entry["share"] for entry in curve] == [0.3, 0.6, 1.0]
    assert curve[0]["rows"] < curve[1]["rows"] < curve[2]["rows"] == run.metrics["rows"]["train"]
    plain = vertikit.train("medical/diagnosis", notes, output=tmp_path / "plain", progress=False, **quick)
    assert plain.metrics["test"] == run.metrics["test"], "the curve changed the model"


def test_no_text_and_no_patient_is_in_log_quarantine_or_report(probe_run: vertikit.Run, notes: Path) -> None:
    frame = pd.read_csv(notes, dtype=str).dropna(subset=["text"])
    secrets = [text for text in frame.text if len(text) > 25] + list(frame.patient.dropna().unique())
    for name in ("log.jsonl", "quarantine.csv", "report.html", "metrics.json", "task.json", "README.md"):
        content = (probe_run.folder / name).read_text(encoding="utf-8")
        leaked = [secret for secret in secrets if secret in content]
        assert not leaked, f"{name} shows {leaked[:2]}"


def test_texts_are_in_the_report_where_they_are_asked_for(
    notes: Path, quick: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = vertikit.train(
        "medical/diagnosis", notes, output=tmp_path / "shown", progress=False, show_values=True, **quick
    )
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    texts = [
        text for text in pd.read_csv(notes, dtype=str).text.dropna() if "&" not in text and "'" not in text
    ]
    assert any(text in report for text in texts)
    # The run does not hold the texts, so a report written anew would lose them.
    assert main(["report", str(run.folder)]) == 0
    assert "kept as it is" in capsys.readouterr().err
    assert (run.folder / "report.html").read_text(encoding="utf-8") == report


def test_the_log_has_an_event_a_line(probe_run: vertikit.Run) -> None:
    events = [json.loads(line) for line in (probe_run.folder / "log.jsonl").read_text().splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "run_started"
    assert names[-1] == "run_finished"
    assert names.count("epoch_ended") == 3


def test_predictions_of_the_test_part_are_kept_with_their_rows(probe_run: vertikit.Run) -> None:
    table = pd.read_parquet(probe_run.folder / "predictions.parquet")
    probabilities = table[[f"disease.p.{label}" for label in probe_run.labels]].to_numpy()
    assert len(table) == probe_run.metrics["rows"]["test"]
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert {"row", "id", "truth", "disease", "decision", "reason", "error"} <= set(table.columns)
    assert (table.truth == table.disease).mean() == pytest.approx(
        probe_run.metrics["test"]["accuracy"]["value"], abs=1e-5
    )


def test_a_run_trained_in_bf16_answers_in_fp32_from_the_start(
    notes: Path, quick: Recipe, tmp_path: Path
) -> None:
    layer = {
        **quick,
        "strategy": "full",
        "precision": "bf16",
        "epochs": 1,
        "baselines": ["majority"],
        "blend": None,
    }
    run = vertikit.train("medical/diagnosis", notes, output=tmp_path / "run", progress=False, **layer)
    assert run.metrics["cost"]["precision"] == "bf16"
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    columns = [f"disease.p.{label}" for label in run.labels]
    again = run.predict(pd.read_csv(notes, dtype=str).iloc[kept.row - 1])
    assert np.allclose(again[columns].to_numpy(float), kept[columns].to_numpy(float), atol=1e-5)


def test_a_model_of_labels_that_mean_nothing_shows_no_skill(
    notes: Path, quick: Recipe, tmp_path: Path
) -> None:
    table = pd.read_csv(notes, dtype=str).dropna(subset=["text", "disease"]).drop_duplicates("text")
    table["disease"] = np.random.default_rng(0).permutation(table.disease)
    layer = {**quick, "evaluation": {"bootstrap": 200}}
    run = vertikit.train("medical/diagnosis", table, output=tmp_path / "run", progress=False, **layer)
    assert run.metrics["verdict_kind"] == "no-skill", run.verdict
    low, high = run.metrics["chance"]["ci95"]
    assert low <= 0 <= high
    # Guesses over all classes have a better macro F1 than one class for every row, which is no skill.
    majority = run.metrics["baselines"]["majority"]["macro_f1"]["value"]
    assert run.metrics["chance"]["dealt_out"] > majority


def test_a_further_metric_stands_beside_the_protocols(
    notes: Path, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = registry()
    share = Component(
        "metrics",
        "exact",
        lambda truth, said: float((truth == said).mean()),
        "share of exact answers",
        (),
        "",
        "city",
    )
    monkeypatch.setitem(known._components, ("metrics", "exact"), share)
    run = vertikit.train(
        "medical/diagnosis", notes, output=tmp_path / "run", progress=False, **{**quick, "metrics": ["exact"]}
    )
    assert run.metrics["test"]["exact"]["value"] == run.metrics["test"]["accuracy"]["value"]
    assert "exact" in run.metrics["baselines"]["tfidf-logistic"]
    assert "exact" in vertikit.load(run.folder).evaluate(notes)["test"]


def test_a_run_whose_plugin_is_gone_says_what_to_install(probe_run: vertikit.Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(probe_run.folder, folder)
    manifest = json.loads((folder / "task.json").read_text())
    manifest |= {"task": "legal/clauses", "versions": {**manifest["versions"], "legal-kit": "0.3.0"}}
    (folder / "task.json").write_text(json.dumps(manifest))
    with pytest.raises(VertikitError, match="install that") as lost:
        vertikit.load(folder).predict(["cough"])
    said = str(lost.value)
    assert str(folder) in said and "legal/clauses" in said and "legal-kit 0.3.0" in said


def test_an_evaluation_warns_of_labels_that_the_run_cannot_give(probe_run: vertikit.Run, notes: Path) -> None:
    table = pd.read_csv(notes, dtype=str).head(80).assign(patient=None)
    table["text"] += ", seen elsewhere"
    assert probe_run.evaluate(table)["warnings"] == []
    table.loc[:4, "disease"] = "scurvy"
    warnings = probe_run.evaluate(table)["warnings"]
    assert len(warnings) == 1 and warnings[0].startswith("5 rows have a label that the run never learnt")


def test_an_evaluation_is_not_made_on_rows_that_the_run_has_learnt_from(
    probe_run: vertikit.Run, notes: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(notes, dtype=str)
    tested = pd.read_parquet(probe_run.folder / "predictions.parquet").row
    again = probe_run.evaluate(table.iloc[tested - 1])
    assert again["test"] == probe_run.metrics["test"] and "leaks" not in again
    assert "patients it has never seen" in again["verdict"]

    # The whole file: what trained or validated stays out, and whatever else is of those patients.
    whole = probe_run.evaluate(notes, output=tmp_path / "judged")
    judged = pd.read_parquet(tmp_path / "judged" / "predictions.parquet").row
    assert set(tested) <= set(judged) and len(judged) == whole["rows"]["test"] < 100
    assert not set(table.patient[judged - 1]) - {None} & set(table.patient.drop(judged - 1)) - {None}
    assert any("were left out, since the run has learnt from them" in each for each in whole["warnings"])
    reasons = set(pd.read_csv(tmp_path / "judged" / "quarantine.csv").reason)
    assert reasons >= {
        "the run has learnt from this very row",
        "the run has learnt from rows of the same patient",
    }

    kept = probe_run.evaluate(notes, output=tmp_path / "kept", allow_leaks=True)
    assert kept["rows"]["test"] > 300 and "never seen" not in kept["verdict"]
    assert kept["leaks"] == {"learnt": kept["rows"]["test"] - whole["rows"]["test"], "kept": True}
    page = (tmp_path / "kept" / "report.html").read_text(encoding="utf-8")
    assert 'class="alarm"' in page and "it has learnt from some of them" in page
    page = (tmp_path / "judged" / "report.html").read_text(encoding="utf-8")
    assert 'class="alarm"' not in page and "nothing was learnt from them" in page

    learnt = table.drop(judged - 1).dropna(subset=["text", "disease"])
    with pytest.raises(VertikitError, match="has learnt from all"):
        probe_run.evaluate(learnt[learnt.disease.isin(probe_run.labels)])


def test_a_policy_that_always_abstains_is_warned_of(notes: Path, quick: Recipe, tmp_path: Path) -> None:
    run = vertikit.train(
        "medical/diagnosis", notes, output=tmp_path / "run", progress=False,
        **{**quick, "policy": {"risk": 0.0001}},
    )  # fmt: skip
    assert run.metrics["policy"]["coverage"] == 0
    assert any("abstains on every test row" in warning for warning in run.metrics["warnings"])
