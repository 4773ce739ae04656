"""What training started from, what it left, and blocks put back to where they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import vertikit
from vertikit.explain.changes import changes
from vertikit.explain.weights import REST, Block, read_encoder
from vertikit.select.choosing import choose_backbone
from vertikit_manufacturing.samples.fault import write as write_readings

STILL = {"optimiser": {"rate": 1e-12, "encoder_rate": 1e-12, "weight_decay": 0.0}}
"""So little that what a run leaves is what it started from."""


@pytest.fixture(scope="module")
def lora(notes, quick, tmp_path_factory):
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path_factory.mktemp("runs") / "lora",
        progress=False, **{**quick, "strategy": "lora", "epochs": 2},
    )  # fmt: skip


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    write_readings(path, rows=8000, seed=5)
    return path


def test_before_is_the_encoder_as_it_is_had_and_after_answers_as_the_run_does(lora):
    encoder = read_encoder(lora)
    assert encoder.untold == ""
    recipe = lora.recipe
    plain = choose_backbone(recipe.backbone, lora.registry, lora.task.modalities).build().module.state_dict()
    assert plain.keys() == encoder.before.keys()
    assert all(torch.equal(encoder.before[name], value) for name, value in plain.items())
    text = "cough and fever for three days"
    merged = vertikit.load(lora.folder)
    merged.parts = encoder.parts
    found, expected = merged.predict([text]), lora.predict([text])
    columns = [name for name in found.columns if name.startswith("disease.p.")]
    assert np.allclose(found[columns], expected[columns], atol=1e-5)


def test_adapters_change_the_layers_that_they_stand_in_and_no_more(lora):
    encoder = read_encoder(lora)
    found = {each.name: each for each in changes(encoder)}
    # Two layers are too few to be put in an order, so that one of them is taken apart.
    parts = [f"encoder.encoder.layer.0.{name}" for name in ("attention", "intermediate", "output")]
    assert list(found) == ["embeddings", *parts, "layer 2", REST]
    assert [name for name, each in found.items() if each.moved] == [parts[0], "layer 2"]
    for name in (parts[0], "layer 2"):
        assert 1 <= found[name].rank <= 8.001, name  # of LoRA's rank 8
        assert found[name].full == 16
    assert sum(each.parameters for each in found.values()) == sum(
        each.numel() for each in encoder.backbone.module.parameters()
    )


def test_a_block_is_put_back_for_as_long_as_it_lasts(lora):
    encoder = read_encoder(lora)
    module = encoder.backbone.module
    after = {name: value.clone() for name, value in module.state_dict().items()}
    block = encoder.blocks[1]
    assert any(not torch.equal(after[name], encoder.before[name]) for name in block.weights)
    with encoder.reverted(block):
        now = module.state_dict()
        assert all(torch.equal(now[name], encoder.before[name]) for name in block.weights)
        others = set(after) - set(block.weights)
        assert all(torch.equal(now[name], after[name]) for name in others)
    assert all(torch.equal(value, after[name]) for name, value in module.state_dict().items())
    with pytest.raises(ZeroDivisionError), encoder.reverted(block):
        raise ZeroDivisionError
    assert all(torch.equal(value, after[name]) for name, value in module.state_dict().items())
    with encoder.reverted(Block("all", None, tuple(encoder.before))):
        assert all(torch.equal(value, encoder.before[name]) for name, value in module.state_dict().items())


@pytest.mark.parametrize("backbone", ["resnet1d", "gru", "patchtst"])
def test_first_weights_that_a_seed_drew_for_windows_are_drawn_again(backbone, readings, tmp_path):
    options = {
        "backbone": {"name": backbone, "width": 8}, "refit": "never", "experts": [], "baselines": ["majority"],
        "blend": None, "split": {"name": "grouped"}, "seed": 3, "epochs": 1,
        "evaluation": {"bootstrap": 0, "compare_experts": False},
        "reshape": {"window": "24h", "stride": "12h", "horizon": "96h"},
    }  # fmt: skip
    still = vertikit.train(
        "manufacturing/fault", readings, output=tmp_path / "still", progress=False, **{**options, **STILL}
    )
    norms = {each.name: each.norm for each in changes(read_encoder(still)) if each.norm is not None}
    assert len(norms) > 1 and max(norms.values()) < 1e-6, norms
    moved = vertikit.train(
        "manufacturing/fault", readings, output=tmp_path / "moved", progress=False, **options
    )
    encoder = read_encoder(moved)
    assert max(each.norm or 0.0 for each in changes(encoder)) > 1e-3
    assert len(encoder.blocks) >= 3  # a network of two blocks says nothing of their order


def test_first_weights_of_a_table_and_of_n_grams_are_drawn_again(notes, quick, tmp_path):
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"amount": random.normal(size=400), "channel": random.choice(list("ab"), 400)})
    rows["fraud"] = (rows.amount + random.normal(size=400) > 1).astype(int)
    table = vertikit.train(
        "finance/fraud", rows, output=tmp_path / "table", progress=False, backbone="mlp", strategy="full",
        epochs=1, experts=[], blend=None, baselines=["majority"], split={"name": "stratified"}, refit="never",
        evaluation={"bootstrap": 0}, seed=7, **STILL,
    )  # fmt: skip
    own = {**quick, "backbone": "ngrams", "strategy": "full", "epochs": 1, "blend": None, **STILL}
    text = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "text", progress=False, **own
    )
    for run in (table, text):
        encoder = read_encoder(run)
        assert encoder.untold == ""
        assert max(each.norm or 0.0 for each in changes(encoder)) < 1e-6


def test_first_weights_that_another_torch_drew_cannot_be_told(notes, quick, tmp_path):
    own = {**quick, "backbone": "ngrams", "strategy": "full", "epochs": 1, "blend": None}
    run = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "text", progress=False, **own
    )
    other = vertikit.load(run.folder)
    other.manifest["versions"]["torch"] = "1.13.0"
    found = read_encoder(other)
    assert "drawn by torch 1.13.0" in found.untold and found.blocks == ()


def test_pretrained_on_the_rows_at_hand_is_where_the_strategy_started_from(notes, quick, tmp_path):
    own = {**quick, "strategy": "partial", "epochs": 1, "pretrain": {"epochs": 1}, "blend": None}
    own["strategy"] = {"name": "partial", "layers": 1}
    run = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "pre", progress=False, **own
    )
    encoder = read_encoder(run)
    plain = choose_backbone(run.recipe.backbone, run.registry, run.task.modalities).build().module
    assert any(not torch.equal(encoder.before[name], value) for name, value in plain.state_dict().items())
    moved = [each.name for each in changes(encoder) if each.moved]
    assert moved == ["layer 2"]
