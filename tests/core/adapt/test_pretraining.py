"""Encoders made fit for the data without labels: on training rows alone, kept with the run, and told apart."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import vertikit
from tests.plugins.backbones.pictures.conftest import pictures_of
from vertikit import UsageError, VertikitError
from vertikit.adapt.pretraining import Pretext, pretrain
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry
from vertikit_plugins.backbones.pictures.residual import source
from vertikit_plugins.backbones.transformer import source as text_source

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
    model = Pretext(backbone, "image", "simsiam").train()
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


def texts_of(count, seed=0):
    rng = np.random.default_rng(seed)
    words = ["cough", "fever", "itch", "pain", "chest", "since", "two", "days", "and", "rash"]
    return [" ".join(rng.choice(words, 6)) for _ in range(count)]


@pytest.fixture(scope="module")
def masked_encoder(tiny_encoder, tmp_path_factory):
    """The tiny encoder, saved with a masked-language head."""
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    folder = tmp_path_factory.mktemp("masked")
    torch.manual_seed(0)
    BertForMaskedLM(BertConfig.from_pretrained(tiny_encoder)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_encoder).save_pretrained(folder)
    return folder


def text_recipe(**pretraining):
    task = registry().task("medical/diagnosis")
    return resolve_recipe(task, registry(), layers=[{"backbone": "minilm", "pretrain": pretraining}])


def pretrained_losses(folder, tmp_path, **pretraining):
    backbone = text_source(source=str(folder)).build()
    before = {name: value.clone() for name, value in backbone.module.state_dict().items()}
    lines = []
    teller = type(SILENT)(None)
    teller.line = lines.append
    items = backbone.items(texts_of(96))
    own = text_recipe(**pretraining)
    pretrain(backbone, "text", items, np.arange(96), own, torch.device("cpu"), tmp_path, teller)
    moved = [
        name for name, value in backbone.module.state_dict().items() if not torch.equal(value, before[name])
    ]
    return [float(line.rpartition(" ")[2]) for line in lines if "loss" in line], moved, lines


def test_an_encoder_with_a_masked_language_head_guesses_words_better_and_better(masked_encoder, tmp_path):
    losses, moved, lines = pretrained_losses(masked_encoder, tmp_path, epochs=12, rate=5e-3, rows=16)
    assert lines[0].startswith("pretraining by mlm")
    # Ten words are drawn alike: nobody guesses them better than ln 10.
    assert losses[0] > losses[-1] + 0.3
    assert abs(losses[-1] - np.log(10)) < 0.2
    assert any(".layer.1." in name for name in moved)
    assert any("word_embeddings" in name for name in moved)


def test_the_head_of_hidden_words_sees_hidden_words_alone(masked_encoder):
    backbone = text_source(source=str(masked_encoder)).build()
    module = backbone.pretext("mlm").train()
    batch = backbone.items(texts_of(8)).collate(np.arange(8))
    seen = []
    module.head.cls.register_forward_hook(lambda *args: seen.append(args[1][0].shape[1]))
    losses = module(backbone.module, batch)
    words = int(batch["attention_mask"].sum()) - 2 * 8
    assert losses.shape == (8,)
    assert 0 < seen[0] < 0.5 * words


def test_an_encoder_without_that_head_learns_that_a_text_read_twice_means_the_same(tiny_encoder, tmp_path):
    losses, moved, lines = pretrained_losses(tiny_encoder, tmp_path, epochs=8, rate=3e-3, rows=32)
    assert lines[0].startswith("pretraining by simcse")
    assert losses[-1] < 0.8 * losses[0]
    assert moved


def test_simcse_does_not_push_equal_texts_away_from_each_other(tiny_encoder):
    backbone = text_source(source=str(tiny_encoder)).build()
    module = backbone.pretext("simcse")
    backbone.module.eval()  # without dropout, both readings are one
    twice = backbone.items(["cough and fever", "cough and fever"])
    assert module(backbone.module, twice.collate(np.arange(2))).max() < 1e-3


def test_a_task_that_the_encoder_has_not_and_dropout_that_is_missing_are_told(tiny_encoder, tmp_path):
    with pytest.raises(UsageError, match="no task 'mlm'"):
        pretrained_losses(tiny_encoder, tmp_path, epochs=1, task="mlm")
    backbone = text_source(source=str(tiny_encoder)).build()
    for module in backbone.module.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    with pytest.raises(UsageError, match="lives on dropout"):
        backbone.pretext("simcse")


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory):
    path = tmp_path_factory.mktemp("unlabelled") / "more.txt"
    path.write_text("\n".join(texts_of(40, seed=5)) + "\n\n", encoding="utf-8")
    return path


def trained(notes, output, tiny_encoder, quick, **pretraining):
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=output, progress=False,
        **{**quick, "backbone": str(tiny_encoder), "pretrain": {"epochs": 1, **pretraining}},
    )  # fmt: skip


def test_further_texts_without_labels_change_what_an_encoder_learns_and_load_again(
    notes, tiny_encoder, quick, unlabelled, tmp_path
):
    alone = trained(notes, tmp_path / "alone", tiny_encoder, quick)
    more = trained(notes, tmp_path / "more", tiny_encoder, quick, data=str(unlabelled))
    said = more.predict(["cough and fever"])
    assert not said.equals(alone.predict(["cough and fever"]))
    assert vertikit.load(tmp_path / "more").predict(["cough and fever"]).equals(said)


def test_texts_of_the_test_part_among_the_further_ones_are_refused(notes, tiny_encoder, quick, tmp_path):
    run = trained(notes, tmp_path / "first", tiny_encoder, quick)
    table = pd.read_csv(notes, dtype=str)
    tested = pd.read_parquet(run.folder / "predictions.parquet").row.tolist()
    path = tmp_path / "leak.csv"
    leak = table.iloc[[tested[0] - 1]][["text"]]
    leak.assign(text=leak["text"].str.upper()).to_csv(path, index=False)
    with pytest.raises(UsageError, match=r"1 of 1 rows of .* are rows of the test part"):
        trained(notes, tmp_path / "second", tiny_encoder, quick, data=str(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"", "no text in it"),
        (b"\xff\xfe\xfa", "not UTF-8"),
        (b" \n\n", "no text in it"),
    ],
)
def test_files_that_hold_nothing_to_learn_from_are_told(content, words, notes, tiny_encoder, quick, tmp_path):
    path = tmp_path / "more.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VertikitError, match=words):
        trained(notes, tmp_path / "run", tiny_encoder, quick, data=str(path))


def table_rows(count, seed=0):
    """A table whose columns tell of each other, with gaps; the flag is rare."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=count)
    kind = np.where(first > 0.5, "high", np.where(first < -0.5, "low", "middle"))
    table = pd.DataFrame(
        {"amount": first.round(3), "twice": (2 * first + rng.normal(0, 0.1, count)).round(3)}
    )
    table["kind"], table["noise"] = kind, rng.normal(size=count).round(3)
    table.loc[rng.random(count) < 0.1, "noise"] = np.nan
    table["time"] = pd.date_range("2026-01-01", periods=count, freq="h").astype(str)
    table["fraud"] = (rng.random(count) < 0.2) & (first > 0)
    return table.astype({"fraud": int})


@pytest.mark.parametrize("kind", ["mlp", "tabm"])
def test_a_table_tells_exchanged_cells_from_the_others_of_their_row(kind):
    from vertikit.table_columns import Category, Number
    from vertikit_plugins.backbones import table

    rows = table_rows(400)
    columns = (Number("amount"), Number("twice"), Number("noise"), Category("kind"))
    values = {each.name: rows[each.name].to_numpy() for each in columns}
    backbone = getattr(table, kind)(width=32, dropout=0.0).build()
    backbone.fit(columns, values)
    torch.manual_seed(0)
    module = backbone.pretext("masked-columns")
    batch = backbone.items(values).collate(np.arange(400))
    parameters = [*module.parameters(), *backbone.module.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=1e-2)
    told = []
    for _ in range(150):
        loss = module(backbone.module, batch)
        assert loss.shape == (400,) and not loss.isnan().any()
        optimiser.zero_grad()
        loss.mean().backward()
        optimiser.step()
        told.append(loss.mean().item())
    assert np.mean(told[-10:]) < 0.75 * np.mean(told[:3])


def test_a_table_is_pretrained_on_further_rows_and_loads_again(tmp_path):
    table_rows(400).to_csv(tmp_path / "t.csv", index=False)
    table_rows(300, seed=1).drop(columns="fraud").to_csv(tmp_path / "more.csv", index=False)
    common = {
        "experts": [], "backbone": {"name": "mlp", "width": 16}, "strategy": "full", "epochs": 2, "blend": None,
        "baselines": ["majority"], "evaluation": {"bootstrap": 20},
    }  # fmt: skip
    more = {"epochs": 3, "data": str(tmp_path / "more.csv")}
    run = vertikit.train(
        "finance/fraud", tmp_path / "t.csv", output=tmp_path / "run", progress=False, pretrain=more, **common
    )
    rows = table_rows(5, seed=2)
    said = run.predict(rows)
    assert vertikit.load(tmp_path / "run").predict(rows).equals(said)
    alone = vertikit.train(
        "finance/fraud", tmp_path / "t.csv", output=tmp_path / "alone", progress=False, pretrain={"epochs": 3},
        **common,
    )  # fmt: skip
    assert not alone.predict(rows).equals(said)


def windows_batch(count, seed=0):
    """Windows of two sensors, one the other's echo, of different lengths and with gaps."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(40, 65, count)
    readings = np.zeros((count, 2, 64), np.float32)
    known = np.zeros((count, 2, 64), np.float32)
    for at, length in enumerate(lengths):
        wave = np.sin(np.arange(length) * 0.1 + rng.uniform(0, 6)) * rng.uniform(0.5, 2)
        readings[at, :, :length] = [wave, -wave]
        known[at, :, :length] = rng.random((2, length)) > 0.1
    readings = torch.from_numpy(readings * known)
    return {"readings": readings, "known": torch.from_numpy(known), "lengths": torch.from_numpy(lengths)}


@pytest.mark.parametrize("kind", ["Gru", "ResNet", "PatchTst"])
def test_windows_tell_what_hidden_stretches_were_like(kind):
    from vertikit_plugins.backbones import series_modules
    from vertikit_plugins.backbones.masked_patches import MaskedPatches

    own = {
        "Gru": {"layers": 1, "steps": 16}, "ResNet": {"blocks": 1, "kernel": 5},
        "PatchTst": {"layers": 1, "patches": 16},
    }  # fmt: skip
    torch.manual_seed(0)
    module = getattr(series_modules, kind)(channels=2, longest=64, width=32, dropout=0.0, **own[kind])
    pretext, batch = MaskedPatches(32, 2), windows_batch(64)
    seen = []
    module.register_forward_pre_hook(lambda _, __, given: seen.append(given), with_kwargs=True)
    optimiser = torch.optim.Adam([*module.parameters(), *pretext.parameters()], lr=5e-3)
    told = []
    for _ in range(120):
        loss = pretext(module, batch)
        assert loss.shape == (64,)
        optimiser.zero_grad()
        loss.mean().backward()
        optimiser.step()
        told.append(loss.mean().item())
    assert np.mean(told[-10:]) < 0.7 * np.mean(told[:3])
    hidden = (batch["known"] > 0) & (seen[0]["known"] == 0)
    assert 0.2 < hidden.sum() / batch["known"].sum() < 0.6
    assert not seen[0]["readings"][hidden].any()


def test_a_table_pretrained_on_its_own_rows_may_be_probed(tmp_path):
    table_rows(400).to_csv(tmp_path / "t.csv", index=False)
    run = vertikit.train(
        "finance/fraud", tmp_path / "t.csv", output=tmp_path / "run", progress=False, strategy="probe", epochs=2,
        experts=[], backbone={"name": "tabm", "width": 16}, blend=None, baselines=["majority"],
        pretrain={"epochs": 1}, evaluation={"bootstrap": 0},
    )  # fmt: skip
    assert run.metrics["cost"]["trainable_share"] < 0.1
    rows = table_rows(5, seed=2)
    assert vertikit.load(tmp_path / "run").predict(rows).equals(run.predict(rows))
