from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vertikit import UsageError, VertikitError
from vertikit.adapt.encoding import pooled_features
from vertikit.progress import SILENT
from vertikit_plugins.backbones.text_encoder import TextBackbone
from vertikit_plugins.backbones.transformer import source
from vertikit_plugins.strategies.bitfit import BitFit
from vertikit_plugins.strategies.full import Full
from vertikit_plugins.strategies.ia3 import Ia3
from vertikit_plugins.strategies.lora import Lora
from vertikit_plugins.strategies.partial import Partial
from vertikit_plugins.strategies.probe import Probe

TEXTS = ["cough and fever", "itch", "chest pain since two days " * 6]


def build(encoder: Path, strategy: Any) -> TextBackbone:
    backbone = source(source=str(encoder)).build()
    strategy.apply(backbone)
    return backbone


def features(backbone: TextBackbone) -> np.ndarray:
    items = backbone.items(TEXTS)
    return pooled_features(backbone, items, np.arange(len(TEXTS)), torch.device("cpu"), SILENT)


def disturb(backbone: TextBackbone) -> None:
    """What training does to the weights, in one step."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in backbone.module.parameters():
            if parameter.requires_grad:
                parameter += 0.1 * torch.randn_like(parameter)


def dora() -> Lora:
    return Lora(dora=True)


@pytest.mark.parametrize("make", [Probe, Lora, dora, Ia3, BitFit, Partial, Full])
def test_what_is_saved_and_read_back_gives_equal_features(
    make: Any, tiny_encoder: Path, tmp_path: Path
) -> None:
    trained = build(tiny_encoder, make())
    untouched = features(trained)
    disturb(trained)
    make().save(trained, tmp_path / "text")
    again = build(tiny_encoder, make())
    make().load(again, tmp_path / "text")
    assert (features(again) == features(trained)).all()
    assert (features(trained) == untouched).all() == (make is Probe)


@pytest.mark.parametrize("make", [Lora, dora, Ia3])
def test_fresh_adapters_change_nothing(make: Any, tiny_encoder: Path) -> None:
    assert np.allclose(
        features(build(tiny_encoder, make())), features(build(tiny_encoder, Probe())), atol=1e-6
    )


@pytest.mark.parametrize("make", [Lora, dora, Ia3])
def test_merged_and_unmerged_adapters_give_the_same(make: Any, tiny_encoder: Path) -> None:
    backbone = build(tiny_encoder, make())
    untouched = features(backbone)
    disturb(backbone)
    unmerged = features(backbone)
    assert not np.allclose(unmerged, untouched, atol=1e-3)
    make().merge(backbone)
    assert backbone.module.state_dict().keys() == build(tiny_encoder, Probe()).module.state_dict().keys()
    assert np.allclose(features(backbone), unmerged, atol=1e-5)


def test_an_adapter_folder_names_its_base_without_a_path_of_this_machine(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    backbone = build(tiny_encoder, Lora())
    Lora().save(backbone, tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == backbone.info.source
    assert config["revision"] == backbone.info.sha256
    assert str(tiny_encoder) not in (tmp_path / "adapter_config.json").read_text()


def test_lower_layers_take_smaller_steps(tiny_encoder: Path) -> None:
    groups = Full(layer_decay=0.5).groups(build(tiny_encoder, Full()), 1e-4)
    assert [group["lr"] for group in groups] == [1e-4, 5e-5, 2.5e-5]
    backbone = build(tiny_encoder, Full())
    counted = sum(each.numel() for group in Full().groups(backbone, 1.0) for each in group["params"])
    assert counted == sum(each.numel() for each in backbone.module.parameters() if each.requires_grad)


def test_partial_trains_the_layers_nearest_to_the_output(tiny_encoder: Path) -> None:
    backbone = build(tiny_encoder, Partial(layers=1))
    trained = {name for name, each in backbone.module.named_parameters() if each.requires_grad}
    assert trained
    assert all(".layer.1." in name for name in trained)


def test_bitfit_trains_every_bias_and_no_matrix(tiny_encoder: Path) -> None:
    backbone = build(tiny_encoder, BitFit())
    for name, each in backbone.module.named_parameters():
        assert each.requires_grad == name.endswith("bias"), name


def test_ia3_has_far_fewer_parameters_than_lora_and_dora_a_few_more(tiny_encoder: Path) -> None:
    def trained(strategy: Any) -> int:
        module = build(tiny_encoder, strategy).module
        return sum(each.numel() for each in module.parameters() if each.requires_grad)

    assert 4 * trained(Ia3()) < trained(Lora()) < trained(dora()) < 1.1 * trained(Lora())


def test_factors_of_a_family_that_peft_does_not_know_are_asked_for(tiny_encoder: Path) -> None:
    backbone = source(source=str(tiny_encoder)).build()
    backbone.module.encoder.config.model_type = "of no family"
    with pytest.raises(UsageError, match="does not know where"):
        Ia3().apply(backbone)
    Ia3(targets=["key", "value"]).apply(backbone)


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (lambda: Partial(layers=9), "more than the 2"),
        (lambda: Lora(targets=["nonsense"]), "no modules"),
        (lambda: Ia3(targets=["nonsense"]), "no modules"),
        (lambda: Ia3(targets=["key"], feedforward=["dense"]), "none of strategy.targets"),
    ],
)
def test_a_strategy_that_does_not_fit_the_encoder_is_named(
    strategy: Any, words: str, tiny_encoder: Path
) -> None:
    with pytest.raises(UsageError, match=words):
        build(tiny_encoder, strategy())


@pytest.mark.parametrize("make", [Lora, Ia3, BitFit, Full])
def test_damaged_weights_are_one_line(make: Any, tiny_encoder: Path, tmp_path: Path) -> None:
    backbone = build(tiny_encoder, make())
    make().save(backbone, tmp_path)
    weights = next(tmp_path.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(VertikitError, match="cannot be read"):
        make().load(build(tiny_encoder, make()), tmp_path)
