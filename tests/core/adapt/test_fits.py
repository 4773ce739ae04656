"""What a fit keeps and weighs: the best epoch's weights, class weights, bf16 in training alone."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.adapt.test_model import LABELS, assembled
from vertikit.adapt.encoding import FeatureMatrix, raw_outputs
from vertikit.adapt.fits import Fits, PrimaryMetric, _groups
from vertikit.adapt.trainer import Judge, TrainingData, train_model
from vertikit.contracts import MetricContext
from vertikit.outcome.classes import Classes
from vertikit.progress import Progress
from vertikit.recipe import Recipe, resolve_recipe
from vertikit.registry import registry

ROWS = 24


def recipe_of(encoder: Path, **layer: object) -> Recipe:
    task = registry().task("medical/diagnosis")
    return resolve_recipe(task, registry(), layers=[{"backbone": str(encoder), **layer}])


def random_data() -> TrainingData:
    rng = np.random.default_rng(0)
    matrix = FeatureMatrix(rng.normal(size=(ROWS, 16)).astype(np.float32))
    truth = torch.from_numpy(rng.integers(0, 3, ROWS))
    rows = np.arange(ROWS)
    return TrainingData({"text": matrix}, "disease", truth, torch.ones(ROWS), rows[:16], rows[16:])


def test_training_stops_early_and_ends_with_the_weights_of_its_best_epoch(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    recipe = recipe_of(tiny_encoder, epochs=20, patience=3, optimiser={"rate": 0.1})
    parts = assembled(tiny_encoder, "probe")
    model = parts.model.heads_alone()
    after: list[torch.Tensor] = []
    scores = iter([0.2, 0.9, 0.3, 0.9, 0.1, 0.8, 0.99])

    def tell(*_: object) -> None:
        after.append(model.heads["disease"].dense.weight.detach().clone())

    log = train_model(
        model, random_data(), parts.loss, recipe, _groups(parts, recipe),
        Judge("macro_f1", True, lambda _: next(scores)), device=parts.device, folder=tmp_path, tell=tell,
    )  # fmt: skip
    assert [entry["valid_macro_f1"] for entry in log.epochs] == [0.2, 0.9, 0.3, 0.9, 0.1]
    kept = model.heads["disease"].dense.weight
    assert [bool(torch.equal(kept, each)) for each in after] == [False, True, False, False, False]


@pytest.mark.parametrize("strategy", ["probe", "lora"])
def test_a_training_of_the_encoder_tells_how_far_it_is(
    tiny_encoder: Path, tmp_path: Path, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vertikit.progress.QUIET_SECONDS", 0)
    recipe = recipe_of(tiny_encoder, strategy=strategy, epochs=2)
    parts = assembled(tiny_encoder, strategy)
    truth = np.array(["cold", "flu", "rash"] * 8, object)
    said = io.StringIO()
    items = parts.backbones["text"].items([f"cough {at}" for at in range(ROWS)])
    inputs = random_data().inputs if strategy == "probe" else {"text": items}
    primary = PrimaryMetric(
        "accuracy", registry().get("metrics", "accuracy").resolve(), MetricContext(LABELS)
    )
    rows = np.arange(ROWS)
    fits = Fits(
        parts,
        inputs,
        truth,
        rows,
        recipe,
        primary,
        target="disease",
        folder=tmp_path,
        progress=Progress(said),
    )
    fits.run("training", rows)
    lines = said.getvalue().splitlines()
    if strategy == "probe":
        assert lines == []
    else:
        assert lines[0].startswith("training: ") and "of 48 examples" in lines[0] and "left" in lines[0]
        assert lines[-1].startswith("training: 48 examples in")


def test_bf16_is_for_training_and_answers_are_in_fp32(tiny_encoder: Path, tmp_path: Path) -> None:
    recipe = recipe_of(tiny_encoder, epochs=1, precision="bf16")
    parts = assembled(tiny_encoder, "probe")
    model, data = parts.model.heads_alone(), random_data()
    kinds: list[tuple[bool, torch.dtype]] = []
    model.heads["disease"].dense.register_forward_hook(
        lambda module, _, out: kinds.append((module.training, out.dtype))
    )
    train_model(
        model, data, parts.loss, recipe, _groups(parts, recipe),
        Judge("macro_f1", True, lambda _: 0.5), device=parts.device, folder=tmp_path, tell=lambda *_: None,
    )  # fmt: skip
    raw_outputs(model, data.inputs, data.train, "disease", parts.device)
    assert set(kinds) == {(True, torch.bfloat16), (False, torch.float32)}


@pytest.mark.parametrize(("balanced", "expected"), [(False, [1, 1, 1]), (True, [4 / 6, 4 / 2, 1])])
def test_balanced_class_weights_are_those_of_the_training_rows(balanced: bool, expected: list[float]) -> None:
    truth = np.array(["flu", "flu", "flu", "cold", "cold", "cold", "rash"], object)
    found = Classes(("cold", "flu", "rash")).weights(truth, np.array([0, 1, 2, 3]), balanced)
    assert np.allclose(found[[0, 3, 6]], expected), "a class that is not trained on has weight 1"
