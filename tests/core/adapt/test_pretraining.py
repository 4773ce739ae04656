"""Encoders made fit for the data without labels: on training rows alone, kept with the run, and told apart."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import torch
from PIL import Image

import vertikit
from tests.plugins.backbones.pictures.conftest import pictures_of
from vertikit import UsageError
from vertikit.adapt.pretraining import Pretext, pretrain
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry
from vertikit_plugins.backbones.pictures.residual import source

QUICK = {
    "backbone": {"name": "picture-cnn", "size": 32, "width": 8, "stages": 2},
    "strategy": "probe",
    "epochs": 2,
    "evaluation": {"bootstrap": 20, "few_shot": []},
    "pictures": {"shown": 0},
}


def stripes(count, seed=0):
    """Pictures of two kinds of stripes, under noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:32, 0:32]
    made = []
    for at in range(count):
        wave = np.sin((x if at % 2 else y) * 0.9 + rng.uniform(0, 6))
        made.append(np.asarray((128 + 60 * wave + rng.normal(0, 20, (32, 32))).clip(0, 255), np.uint8))
    return made


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stripes")
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["image", "defect"])
        writer.writeheader()
        for at, pixels in enumerate(stripes(120)):
            Image.fromarray(pixels).save(folder / f"{at}.png")
            writer.writerow({"image": f"{at}.png", "defect": ["across", "down"][at % 2]})
    return folder / "t.csv"


def recipe(**more):
    task = registry().task("manufacturing/quality")
    return resolve_recipe(
        task, registry(), layers=[{**QUICK, "pretrain": {"epochs": 4, "rate": 5e-3}, **more}]
    )


def test_the_loss_falls_and_the_encoder_has_another_fingerprint(tmp_path):
    backbone = source(size=32, width=8, stages=2).build()
    before = backbone.fingerprint
    items = backbone.items(pictures_of([each[None, :, :, None] for each in stripes(96)]))
    lines = []
    teller = type(SILENT)(None)
    teller.line = lines.append
    pretrain(backbone, "image", items, np.arange(96), recipe(), torch.device("cpu"), tmp_path, teller)
    losses = [float(line.rpartition(" ")[2]) for line in lines if "loss" in line]
    assert losses[-1] < losses[0] < 0.2
    assert backbone.fingerprint != before
    assert any("features spread over" in line for line in lines)


def test_views_of_an_item_are_two_and_the_same_in_any_batch():
    backbone = source(size=32, width=8, stages=2).build()
    items = backbone.items(pictures_of([each[None, :, :, None] for each in stripes(6)]))
    whole = items.views(np.array([0, 3]), 1, 0)["pixels"]
    alone = items.views(np.array([3]), 1, 0)["pixels"]
    assert torch.equal(whole[[1, 3]], alone)
    assert not torch.equal(alone[0], alone[1])
    model = Pretext(backbone, "image").train()
    losses = model({"image": items.views(np.arange(6), 0, 0)})["pretext"]
    assert losses.shape == (6, 1) and losses.requires_grad


def test_a_pretrained_encoder_may_be_probed_and_is_kept_with_the_run(table, tmp_path):
    with pytest.raises(UsageError, match=r"pretrain\.epochs=30"):
        vertikit.train("manufacturing/quality", table, output=tmp_path / "none", progress=False, **QUICK)
    run = vertikit.train(
        "manufacturing/quality",
        table,
        output=tmp_path / "run",
        progress=False,
        pretrain={"epochs": 2},
        **QUICK,
    )
    found = run.predict(table)
    assert (tmp_path / "run" / "model" / "image" / "pretrained.safetensors").exists()
    again = vertikit.load(tmp_path / "run").predict(table)
    assert found.equals(again)


def test_an_encoder_without_weights_or_a_pretext_task_is_told(table, tmp_path):
    with pytest.raises(UsageError, match="no pretext task"):
        vertikit.train(
            "manufacturing/quality", table, output=tmp_path / "run", progress=False, pretrain={"epochs": 1},
            **{**QUICK, "backbone": "filter-bank"},
        )  # fmt: skip
