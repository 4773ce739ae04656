"""A run whose recipe lets a baseline answer beside the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError

Recipe = dict[str, Any]


@pytest.fixture(scope="module")
def alone_run(notes: Path, quick: Recipe, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """The same training as `probe_run`, without the blend."""
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path_factory.mktemp("runs") / "alone",
        progress=False, **{**quick, "blend": None},
    )  # fmt: skip


def test_the_score_of_the_model_alone_stands_beside_the_blends(
    probe_run: vertikit.Run, alone_run: vertikit.Run
) -> None:
    assert probe_run.metrics["alone"] == alone_run.metrics["test"]
    assert probe_run.metrics["test"] != alone_run.metrics["test"]
    assert probe_run.metrics["epochs"] == alone_run.metrics["epochs"]
    assert not {"alone", "blend"} & set(alone_run.metrics)
    blend = probe_run.metrics["blend"]
    assert blend["with"] == "tfidf-logistic"
    assert blend["weights"]["tfidf-logistic"] > 0
    assert blend["rows"] == probe_run.metrics["calibration"]["rows"]


def test_weights_rest_on_rows_that_trained_neither(probe_run: vertikit.Run) -> None:
    # On its own training rows the baseline is right throughout: weighed there, it would leave nothing to the model.
    rows = probe_run.metrics["rows"]
    assert probe_run.metrics["blend"]["rows"] in (rows["valid"], rows["train"] + rows["valid"])
    assert probe_run.metrics["blend"]["weights"]["tfidf-logistic"] < 5


def test_predict_and_evaluate_blend_as_training_did(probe_run: vertikit.Run, notes: Path) -> None:
    kept = pd.read_parquet(probe_run.folder / "predictions.parquet")
    table = pd.read_csv(notes, dtype=str)
    said = vertikit.load(probe_run.folder).predict(table.iloc[kept.row - 1])
    columns = [f"disease.p.{label}" for label in probe_run.labels]
    assert np.allclose(said[columns].to_numpy(), kept[columns].to_numpy(), atol=1e-5)
    assert list(said.decision) == list(kept.decision)
    again = probe_run.evaluate(table.iloc[kept.row - 1])
    for part in ("test", "alone"):
        for name in ("macro_f1", "log_loss"):
            expected = probe_run.metrics[part][name]["value"]
            assert again[part][name]["value"] == pytest.approx(expected, abs=1e-5)
    assert again["blend"] == probe_run.metrics["blend"]


def test_the_report_says_what_answers_beside_the_model(
    probe_run: vertikit.Run, alone_run: vertikit.Run
) -> None:
    report = (probe_run.folder / "report.html").read_text(encoding="utf-8")
    assert "is a blend of the adapted model and tfidf-logistic" in report
    assert "model alone" in report
    assert "is a blend" not in (alone_run.folder / "report.html").read_text(encoding="utf-8")


def test_a_baseline_outside_the_list_can_be_blended_and_is_no_rival(
    notes: Path, quick: Recipe, tmp_path: Path
) -> None:
    run = vertikit.train(
        "medical/diagnosis", notes, output=tmp_path / "run", progress=False,
        **{**quick, "baselines": ["majority"]},
    )  # fmt: skip
    assert set(run.metrics["baselines"]) == {"majority"}
    assert vertikit.load(run.folder).predict(["cough and fever"]).disease.notna().all()


def test_a_blend_with_nothing_registered_is_refused_with_a_near_name(notes: Path, quick: Recipe) -> None:
    with pytest.raises(UsageError, match="blend") as refused:
        vertikit.train("medical/diagnosis", notes, progress=False, **{**quick, "blend": "tfidf-logistik"})
    assert "tfidf-logistic" in str(refused.value)
