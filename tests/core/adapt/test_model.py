from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

from vertikit import Label, Text
from vertikit.adapt.assembling import Assembled, assemble
from vertikit.adapt.encoding import FeatureMatrix, encode_once, raw_outputs
from vertikit.adapt.fits import _groups
from vertikit.adapt.trainer import EngineTrainer, TrainingData, _arguments
from vertikit.cells import Cells
from vertikit.errors import UsageError
from vertikit.outcome.classes import Classes
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry

LABELS = ("cold", "flu", "rash")
TEXTS = ["cough and fever", "itch", "red skin rash", "runny nose cold " * 20, "night sweat", "fever"]


def cells(values: list[str]) -> Cells:
    return Cells(pa.chunked_array([pa.array(values)]))


def assembled(encoder: Path, strategy: object, **layer: object) -> Assembled:
    task = registry().task("medical/diagnosis")
    recipe = resolve_recipe(
        task, registry(), layers=[{"backbone": str(encoder), "strategy": strategy, "cache": False, **layer}]
    )
    return assemble(task, recipe, Classes(LABELS), registry())


@pytest.mark.parametrize(
    ("strategy", "low", "high"),
    [
        ("probe", 0, 0),
        ("lora", 100, 2000),
        ({"name": "partial", "layers": 1}, 1000, 4000),
        ("full", 6000, 10**9),
    ],
)
def test_a_strategy_trains_what_it_says(tiny_encoder: Path, strategy: object, low: int, high: int) -> None:
    parts = assembled(tiny_encoder, strategy)
    _, trained = parts.model.count_parameters()
    head = sum(each.numel() for each in parts.model.heads.parameters())
    assert low <= trained - head <= high


@pytest.mark.parametrize("strategy", ["probe", "lora", {"name": "partial", "layers": 1}])
def test_frozen_parts_stay_in_eval_mode_while_training(tiny_encoder: Path, strategy: object) -> None:
    parts = assembled(tiny_encoder, strategy)
    parts.model.train()
    live = [
        module
        for module in parts.model.backbones.modules()
        if isinstance(module, nn.Dropout) and module.training
    ]
    names = {type(module).__name__ for module in live}
    assert parts.model.heads.training
    if strategy == "probe":
        assert not live
    else:
        assert live, "the dropout beside trained weights is off"
    frozen = [
        module
        for module in parts.model.backbones.modules()
        if module.training
        and list(module.parameters())
        and not any(each.requires_grad for each in module.parameters())
    ]
    assert not frozen, names


def test_no_dropout_is_live_in_predictions_after_training_the_heads_alone(tiny_encoder: Path) -> None:
    parts = assembled(tiny_encoder, "probe", head={"dropout": 0.5})
    nn.init.normal_(parts.head.dense.weight)
    matrix = FeatureMatrix(np.ones((50, 16), dtype=np.float32))
    parts.model.heads_alone().train()
    raw = raw_outputs(parts.model, {"text": matrix}, np.arange(50), "disease", parts.device)
    assert len(np.unique(raw, axis=0)) == 1


def test_cached_features_give_the_outputs_of_the_encoder(tiny_encoder: Path) -> None:
    parts = assembled(tiny_encoder, "probe")
    nn.init.normal_(parts.head.dense.weight)
    backbone = parts.backbones["text"]
    matrix, _ = encode_once(backbone, cells(TEXTS), cache=False, device=parts.device, progress=SILENT)
    assert isinstance(matrix, FeatureMatrix)
    everything = np.arange(len(TEXTS))
    once = raw_outputs(parts.model, {"text": matrix}, everything, "disease", parts.device)
    through = raw_outputs(parts.model, {"text": backbone.items(TEXTS)}, everything, "disease", parts.device)
    assert np.abs(once - through).max() < 1e-5


def test_each_distinct_value_passes_the_encoder_once(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VERTIKIT_CACHE", str(tmp_path))
    parts = assembled(tiny_encoder, "probe")
    backbone = parts.backbones["text"]
    seen: list[int] = []
    handle = backbone.module.register_forward_hook(lambda _m, _a, out: seen.append(len(out.pooled)))
    texts = cells([*TEXTS[:2], *TEXTS, *TEXTS[:1]])
    first, _ = encode_once(backbone, texts, cache=True, device=parts.device, progress=SILENT)
    assert sum(seen) == len(TEXTS)
    again, _ = encode_once(backbone, texts, cache=True, device=parts.device, progress=SILENT)
    assert sum(seen) == len(TEXTS)
    assert (first.pooled == again.pooled).all()
    alone, _ = encode_once(backbone, cells(TEXTS), cache=True, device=parts.device, progress=SILENT)
    expected = alone.collate(np.array([0, 1, *range(len(TEXTS)), 0]))["pooled"]
    assert torch.equal(first.collate(np.arange(len(texts)))["pooled"], expected), (
        "a value has another's features"
    )
    handle.remove()


def head_trainer(
    encoder: Path, folder: Path, stop_after: int | None = None, **layer: object
) -> EngineTrainer:
    """A trainer of a probe's head on 24 random rows."""
    layer = {"backbone": str(encoder), "head": {"dropout": 0.0}, **layer}
    recipe = resolve_recipe(registry().task("medical/diagnosis"), registry(), layers=[layer])
    parts = assembled(encoder, "probe", **layer)
    rng = np.random.default_rng(0)
    matrix = FeatureMatrix(rng.normal(size=(24, 16)).astype(np.float32))
    data = TrainingData(
        {"text": matrix},
        "disease",
        torch.from_numpy(rng.integers(0, 3, 24)),
        torch.from_numpy(rng.uniform(0.5, 2, 24).astype(np.float32)),
        np.arange(24),
        None,
    )
    model = parts.model.heads_alone().eval()
    arguments = _arguments(recipe, stop_after or recipe.epochs, None, parts.device, folder)
    return EngineTrainer(model, arguments, data, parts.loss, recipe, _groups(parts, recipe), None, [])


def test_a_fit_that_stops_early_has_the_rates_of_one_that_goes_on(tiny_encoder: Path, tmp_path: Path) -> None:
    recipe: dict[str, object] = {"epochs": 10, "optimiser": {"rate": 1e-3, "warmup": 0.2}}

    def rates(trainer: EngineTrainer, steps: int) -> list[float]:
        schedule = trainer.create_scheduler(steps)
        found = []
        for _ in range(8):
            found.append(schedule.get_last_lr()[0])
            trainer.optimizer.step()
            schedule.step()
        return found

    whole = rates(head_trainer(tiny_encoder, tmp_path, **recipe), 40)
    stopped = rates(head_trainer(tiny_encoder, tmp_path, stop_after=2, **recipe), 8)
    assert stopped == whole
    assert stopped[-1] > 0.8e-3, "the rate fell to the end of the short course"


def test_an_uneven_accumulated_batch_has_the_gradient_of_the_whole(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    trainer = head_trainer(tiny_encoder, tmp_path, batch={"accumulate": 2})
    model, device = trainer.model, trainer.args.device

    def gradient(chunks: list[list[int]]) -> torch.Tensor:
        model.zero_grad()
        batches = [trainer._collate(chunk) for chunk in chunks]
        _, total = trainer.get_batch_samples(iter(batches), len(batches), device)
        for batch in batches:
            trainer.compute_loss(model, batch, num_items_in_batch=total).backward()
        return torch.cat([each.grad.flatten() for each in model.parameters()])

    whole = gradient([list(range(24))])
    uneven = gradient([list(range(4)), list(range(4, 24))])
    assert torch.allclose(whole, uneven, rtol=1e-4, atol=1e-6)


def test_a_device_that_is_not_there_is_named(tiny_encoder: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has the device")
    with pytest.raises(UsageError, match="'cuda' is not on this machine"):
        assembled(tiny_encoder, "probe", device="cuda")


def test_several_inputs_share_one_encoder_and_are_put_together_as_pairs(tiny_encoder: Path) -> None:
    columns = (Text("question"), Text("reference"), Text("answer"), Label("disease"))
    task = replace(registry().task("medical/diagnosis"), columns=columns)
    layer = {"backbone": str(tiny_encoder), "strategy": "probe", "cache": False, "combine": "pair"}
    recipe = resolve_recipe(task, registry(), layers=[layer])
    parts = assemble(task, recipe, Classes(LABELS), registry(), {"reference", "answer", "disease"})
    assert parts.bindings == {"reference": "reference", "answer": "reference"}
    assert len(parts.backbones) == 1
    u, v = torch.randn(3, 16), torch.randn(3, 16)
    found = parts.model.features({"reference": {"pooled": u}, "answer": {"pooled": v}}).pooled
    assert torch.equal(found, torch.cat([u, v, (u - v).abs(), u * v], dim=1))
    assert parts.model.heads_alone()({"reference": {"pooled": u}, "answer": {"pooled": v}})[
        "disease"
    ].shape == (3, 3)
    every = assemble(task, recipe, Classes(LABELS), registry())
    assert every.head.dense.in_features == 7 * 16
