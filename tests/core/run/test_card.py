from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from tests.core.run.weather_run import figure, metrics_of
from vertikit import Card, Label, Protocol, Task, Text, VertikitError
from vertikit.contracts import BackboneInfo
from vertikit.recipe import Recipe
from vertikit.run.card import write_card

TASK = Task(
    name="weather/guess",
    summary="Guesses the weather from a remark.",
    columns=(Text("remark", private=True), Label("kind")),
    protocol=Protocol(
        splits=("a",), primary="hit_rate", metrics=(), baselines=(), why="No station on two sides."
    ),
    card=Card(
        intended_use="A second opinion.",
        population="Coasts like ours.",
        limits="It knows no snow.",
        decision_owner="The captain decides.",
    ),
)
RECIPE = Recipe.model_validate(
    {"backbone": "tiny", "strategy": "probe", "head": "h", "loss": "l", "policy": "p"}
)
INFO = BackboneInfo(
    name="tiny",
    source="hub:owner/tiny-encoder@main",
    modality="text",
    pretrained=True,
    licence="Apache-2.0",
    languages=("en",),
    parameters=1000,
    width=8,
    max_length=64,
    layers=2,
    adapter_targets=(),
    sha256="0" * 64,
)
LABELS = ["gale", "fog.bank"]


def written(folder: Path, info: BackboneInfo = INFO, **changes: Any) -> str:
    folder.mkdir(exist_ok=True)
    metrics = metrics_of(list(changes.pop("labels", LABELS))) | changes
    return write_card(folder, TASK, metrics, RECIPE, info).read_text(encoding="utf-8")


def front_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


def test_the_front_matter_is_what_the_hub_reads(tmp_path: Path) -> None:
    text = written(tmp_path / "first.partial")
    front = front_of(text)
    assert front["license"] == "apache-2.0"
    assert front["language"] == ["en"]
    assert front["base_model"] == "owner/tiny-encoder"
    assert front["pipeline_tag"] == "text-classification"
    assert front["library_name"] == "vertikit"
    assert front["tags"] == ["vertikit", "weather", "guess", "probe"]
    results = ModelCard(text).data.eval_results
    assert results is not None
    assert ModelCard(text).data.model_name == "first"
    assert (results[0].metric_type, results[0].metric_value) == ("hit_rate", 0.71)


def test_only_figures_over_all_classes_that_are_numbers_go_to_the_model_index(tmp_path: Path) -> None:
    text = written(tmp_path, test={"odd": figure(float("nan")), **metrics_of(LABELS)["test"]})
    metrics = front_of(text)["model-index"][0]["results"][0]["metrics"]
    assert [each["type"] for each in metrics] == ["hit_rate", "surprise"]


def test_the_card_says_what_the_model_is_for_and_how_good_it_is(tmp_path: Path) -> None:
    text = written(tmp_path, warnings=["Few rows."])
    for words in (
        "does better than guessing",
        "> Few rows.",
        "A second opinion.",
        "Coasts like ours.",
        "It knows no snow.",
        "The captain decides.",
        "No station on two sides.",
        "| Hit rate (higher is better) | 0.710 (0.660 to 0.760) | 0.600 (0.550 to 0.650) |",
        "other-coast: Hit rate 0.550",
        "Weights of the encoder: Apache-2.0",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("licence", "words"),
    [("", "unknown"), ("not stated", "unknown"), ("Our own (2026)", "other"), ("MIT", "mit")],
)
def test_a_licence_is_written_as_the_hub_writes_it(tmp_path: Path, licence: str, words: str) -> None:
    front = front_of(written(tmp_path, replace(INFO, licence=licence)))
    assert front["license"] == words
    assert front.get("license_name") == ("Our own (2026)" if words == "other" else None)


def test_a_local_encoder_leaves_no_path_in_the_card(tmp_path: Path) -> None:
    local = replace(INFO, name="/home/ann/models/enc", source="local folder enc")
    text = written(tmp_path, local)
    assert "base_model" not in front_of(text)
    assert "/home" not in text
    assert front_of(written(tmp_path, replace(INFO, source="package tiny")))["base_model"] == "tiny"


def test_labels_cannot_become_markup(tmp_path: Path) -> None:
    bad = "<script>x</script> | [a](b)\n# `c`"
    text = written(tmp_path, labels=["calm", bad], verdict=bad)
    assert "<script>" not in text.replace("\\<", "")
    assert "\n# \\`c" not in text
    assert "\\[a\\](b)" in text


def test_metrics_that_say_nothing_still_give_a_card(tmp_path: Path) -> None:
    text = write_card(tmp_path, TASK, {}, RECIPE, INFO).read_text()
    assert "model-index" not in front_of(text)
    assert "The captain decides." in text


def test_a_card_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").mkdir()
    with pytest.raises(VertikitError, match=r"README\.md cannot be written"):
        write_card(tmp_path, TASK, {}, RECIPE, INFO)
