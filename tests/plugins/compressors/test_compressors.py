"""Each way to make an encoder smaller: what it leaves, and that the smaller form is kept and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.plugins.backbones.test_series import NAMES, values
from vertikit import Series, UsageError, VertikitError
from vertikit.compress.steps import Step, apply_steps, restore_steps, save_steps, weight_bytes
from vertikit_plugins.backbones.series import resnet1d
from vertikit_plugins.backbones.transformer import source
from vertikit_plugins.compressors.int8 import Int8
from vertikit_plugins.compressors.layers import Layers
from vertikit_plugins.compressors.lowrank import LowRank
from vertikit_plugins.compressors.onnx import Onnx
from vertikit_plugins.compressors.prune import Prune
from vertikit_plugins.compressors.trim import Trim

TEXTS = [
    "fever and cough",
    "itch",
    "pain in the chest since two days",
    "a dry cough at night",
    "rash and fever",
] * 4


@pytest.fixture(scope="module")
def wide_encoder(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    """The tiny one's tokenizer under a BERT of four layers, width 64."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("wide-bert")
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=4, num_attention_heads=4,
            intermediate_size=128, max_position_embeddings=32,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


def build(folder: Path) -> Any:
    return source(source=str(folder)).build()


def features(backbone: Any, texts: list[str] = TEXTS) -> np.ndarray:
    with torch.inference_mode():
        return backbone.module(**backbone.items(texts).collate(np.arange(len(texts)))).pooled.numpy()


def made(folder: Path, *compressors: Any) -> tuple[Any, list[Step]]:
    backbone = build(folder)
    steps = [Step(type(each).__name__.lower(), each) for each in compressors]
    return backbone, apply_steps(steps, backbone, lambda: backbone.items(TEXTS), 0)


WAYS = {
    "trim": [Trim()],
    "layers": [Layers(keep=2)],
    "lowrank": [LowRank(share=0.5)],
    "prune": [Prune(share=0.5)],
    "units": [Prune(share=0.5, heads=0.0)],
    "onnx": [Onnx()],
    "int8": [Int8()],
    "static": [Int8(mode="static", rows=8)],
    "all": [Trim(), Layers(keep=2), LowRank(share=0.7), Prune(share=0.25), Int8()],
}


@pytest.mark.parametrize("way", WAYS)
def test_the_smaller_form_is_read_back_to_the_same_features(way, wide_encoder, tmp_path):
    backbone, steps = made(wide_encoder, *WAYS[way])
    found = features(backbone)
    assert found.shape == (len(TEXTS), 64)
    save_steps(steps, backbone, tmp_path / "smaller")
    again = build(wide_encoder)
    restore_steps([Step(each.name, type(each.compressor)()) for each in steps], again, tmp_path / "smaller")
    assert np.array_equal(features(again), found)
    whole = build(wide_encoder)
    if way != "onnx":
        assert weight_bytes(backbone.module) < weight_bytes(whole.module)
    assert again.fingerprint != whole.fingerprint
    assert all(step.told for step in steps)


@pytest.mark.parametrize(("way", "close"), [("trim", 1e-6), ("onnx", 1e-5), ("int8", 0.2), ("static", 0.5)])
def test_what_takes_nothing_away_changes_features_little(way, close, wide_encoder):
    backbone, _ = made(wide_encoder, *WAYS[way])
    assert np.abs(features(backbone) - features(build(wide_encoder))).max() < close


def test_a_word_that_a_trimmed_vocabulary_has_not_kept_is_read_in_pieces(wide_encoder):
    backbone, _ = made(wide_encoder, Trim())
    whole = build(wide_encoder)
    known = [word for word in whole.tokenizer.get_vocab() if len(word) > 3 and word[0].isalpha()]
    lost = [word for word in known if not any(word in text for text in TEXTS)]
    kept = backbone.tokenizer.tokenize(lost[0])
    assert len(kept) == len(lost[0])
    assert backbone.tokenizer.unk_token not in kept
    assert whole.tokenizer.tokenize(lost[0]) == [lost[0]]
    further, _ = made(wide_encoder, Trim(further=10_000))
    assert further.tokenizer.get_vocab() == whole.tokenizer.get_vocab()


def test_low_rank_factors_of_full_rank_are_the_matrix_itself_and_thin_ones_are_nearer_on_real_inputs(
    wide_encoder,
):
    whole = features(build(wide_encoder))
    near, _ = made(wide_encoder, LowRank(share=0.98))
    thin, _ = made(wide_encoder, LowRank(share=0.2))
    assert np.abs(features(near) - whole).mean() < 0.5 * np.abs(features(thin) - whole).mean()


def test_pruning_takes_out_what_changes_the_features_least(wide_encoder):
    from vertikit_plugins.compressors import prune as module

    whole = build(wide_encoder)
    with torch.no_grad():  # half of the units of every layer are made mute: these are to go
        for layer in whole.blocks()[1:]:
            layer.output.dense.weight[:, ::2] = 0
    before = features(whole)
    apply_steps([Step("prune", Prune(share=0.5, heads=0.0))], whole, lambda: whole.items(TEXTS), 0)
    assert whole.blocks()[1].intermediate.dense.out_features == 64
    assert np.abs(features(whole) - before).max() < 1e-4
    assert module.ROUND == 8


def test_heads_are_taken_out_whole(wide_encoder):
    backbone, _ = made(wide_encoder, Prune(share=0.0, heads=0.5))
    attention = backbone.blocks()[1].attention.self
    assert attention.num_attention_heads == 2
    assert attention.query.out_features == 32
    assert backbone.blocks()[1].intermediate.dense.out_features == 128


@pytest.mark.parametrize(
    ("compressor", "said"),
    [
        (Layers(keep=4), "cannot be kept as fewer"),
        (Layers(keep=9), "cannot be kept as fewer"),
    ],
)
def test_what_cannot_be_done_to_an_encoder_is_said(compressor, said, wide_encoder):
    with pytest.raises(UsageError, match=said):
        made(wide_encoder, compressor)


@pytest.mark.parametrize(
    "build_one",
    [
        lambda: Layers(keep=0), lambda: Layers(keep=2.5), lambda: Prune(share=1), lambda: Prune(heads=-0.1),
        lambda: LowRank(share=0), lambda: Trim(further=-1), lambda: Int8(rows=1),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(build_one):
    with pytest.raises(UsageError, match=r"compress\.steps"):
        build_one()


def test_a_small_encoder_has_no_matrix_worth_factoring(tiny_encoder):
    with pytest.raises(UsageError, match="no matrix of 32 x 32"):
        made(tiny_encoder, LowRank())


def test_a_damaged_graph_is_told_from_a_whole_one(wide_encoder, tmp_path):
    backbone, steps = made(wide_encoder, Int8())
    save_steps(steps, backbone, tmp_path / "smaller")
    (tmp_path / "smaller" / "1-int8" / "encoder.onnx").write_bytes(b"no graph")
    again = build(wide_encoder)
    restore_steps(steps, again, tmp_path / "smaller")
    with pytest.raises(VertikitError, match="is no graph that can be run"):
        features(again)


def test_sizes_that_do_not_fit_are_one_line(wide_encoder, tmp_path):
    backbone, steps = made(wide_encoder, Prune(share=0.5, heads=0.0))
    save_steps(steps, backbone, tmp_path / "smaller")
    path = tmp_path / "smaller" / "1-prune" / "sizes.json"
    path.write_text(json.dumps({"encoder.nowhere": {"in_features": 3}}), encoding="utf-8")
    with pytest.raises(VertikitError, match="the smaller encoder cannot be read"):
        restore_steps(steps, build(wide_encoder), tmp_path / "smaller")


def test_windows_of_sensors_are_pruned_and_quantised_for_any_length():
    made_of = values(lengths=(48, 30, 48, 24, 40, 17, 48, 33))
    torch.manual_seed(0)
    backbone = resnet1d(width=32, blocks=2).build()
    backbone.fit(tuple(Series(name) for name in NAMES), made_of)
    items = backbone.items(made_of)
    size = weight_bytes(backbone.module)
    steps = [Step("prune", Prune(share=0.5)), Step("int8", Int8())]
    apply_steps(steps, backbone, lambda: items, 0)
    assert weight_bytes(backbone.module) < size
    with torch.inference_mode():
        together = backbone.module(**items.collate(np.arange(8))).pooled.numpy()
        alone = backbone.module(**items.collate(np.array([5]))).pooled.numpy()
    assert together.shape == (8, 32)
    np.testing.assert_allclose(alone[0], together[5], atol=0.1)
