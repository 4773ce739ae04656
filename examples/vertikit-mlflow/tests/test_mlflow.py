"""A training leaves its trace in a store of its own, however it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import vertikit
from vertikit.registry import registry

pytest.importorskip("mlflow")

from vertikit_mlflow import client, tracked

RECIPE = {"backbone": "ngrams", "strategy": "full", "epochs": 2, "blend": None, "baselines": ["majority"]}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of this test, and only this plugin beside Vertikit's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("VERTIKIT_STRICT", "1")
    registry.cache_clear()


def notes(count: int = 120) -> list[dict[str, str]]:
    words = {"cold": "cough runny nose", "sprain": "ankle swollen knee", "rash": "itch skin red"}
    kinds = list(words)
    return [
        {"text": f"{words[kinds[n % 3]]} since {n} days", "disease": kinds[(n + n // 10) % 3]}
        for n in range(count)
    ]


def test_a_training_is_tracked_from_its_recipe_to_its_verdict(tmp_path: Path) -> None:
    run = vertikit.train("medical/diagnosis", notes(), output=tmp_path / "run", progress=False, **RECIPE)
    found = client().search_runs([client().get_experiment_by_name("medical/diagnosis").experiment_id])[0]
    assert found.info.status == "FINISHED" and found.info.run_name == "run"
    assert (found.data.params["backbone.name"], found.data.params["epochs"]) == ("ngrams", "2")
    assert found.data.metrics["test.macro_f1"] == run.metrics["test"]["macro_f1"]["value"]
    assert found.data.metrics["test.macro_f1.low"] <= found.data.metrics["test.macro_f1"]
    assert found.data.tags["verdict"] == run.verdict
    losses = client().get_metric_history(found.info.run_id, "train_loss")
    assert [each.step for each in losses] == [1, 2]
    assert [each.path for each in client().list_artifacts(found.info.run_id)] == ["report.html"]


def test_one_that_fails_is_marked_with_its_error_and_listed(tmp_path: Path) -> None:
    with pytest.raises(vertikit.VertikitError):
        vertikit.train(
            "medical/diagnosis", [{"text": "x", "disease": "y"}], output=tmp_path / "run", progress=False
        )
    listed = CliRunner().invoke(tracked)
    assert listed.exit_code == 0
    assert listed.output.startswith("FAILED    run  ")
    assert len(listed.output.split("  ")[-1]) > 20


def test_the_plugin_is_quick_to_import() -> None:
    found = next(each for each in registry().plugins if each.name == "mlflow")
    assert (found.state, found.notes) == ("ok", [])
