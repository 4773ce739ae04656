"""Image encoders of Transformers from a folder: tiny ones that the tests make and save."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.recipe.model import Choice
from vertikit.registry import registry
from vertikit.select.choosing import backbone_component, choose_backbone
from vertikit_plugins.backbones.pictures.transformer import source


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A ViT, a ConvNeXt and a Swin, each of a few thousand weights, with the scale of their pixels beside them."""
    import json

    from transformers import ConvNextConfig, ConvNextModel, SwinConfig, SwinModel, ViTConfig, ViTModel

    torch.manual_seed(0)
    small = {
        "vit": ViTModel(
            ViTConfig(hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32, image_size=32,
                      patch_size=8)
        ),
        "convnext": ConvNextModel(ConvNextConfig(hidden_sizes=[8, 12, 16, 20], depths=[1, 1, 1, 1], image_size=32)),
        "swin": SwinModel(SwinConfig(image_size=32, patch_size=2, embed_dim=8, depths=[1, 1], num_heads=[1, 2],
                                     window_size=4)),
    }  # fmt: skip
    top = tmp_path_factory.mktemp("encoders")
    for name, model in small.items():
        model.save_pretrained(top / name)
        (top / name / "preprocessor_config.json").write_text(
            json.dumps({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})
        )
    return top


@pytest.mark.parametrize(("name", "width", "layers"), [("vit", 16, 3), ("convnext", 20, 4)])
def test_an_encoder_says_what_it_is_and_gives_a_vector_a_picture(folders, pictures, name, width, layers):
    found = source(source=str(folders / name))
    info = found.info()
    assert (info.modality, info.width, info.layers, info.max_length, info.pretrained) == (
        "image",
        width,
        layers,
        32,
        True,
    )
    backbone = found.build()
    with torch.no_grad():
        pooled = backbone.module(**backbone.items(pictures).collate(np.array([0, 1, 2]))).pooled
    assert pooled.shape == (3, width)
    assert len(backbone.blocks()) == layers + 1


def test_the_scale_of_pixels_is_that_of_the_folder(folders):
    backbone = source(source=str(folders / "vit")).build()
    assert backbone.module.mean.flatten().tolist() == [127.5] * 3


@pytest.mark.parametrize("name", ["vit", "convnext"])
def test_tokens_of_hidden_layers_lie_as_their_patches_do(folders, pictures, name):
    backbone = source(source=str(folders / name), tokens_from=[1, 2]).build()
    with torch.no_grad():
        found = backbone.module(**backbone.items(pictures).collate(np.array([0])))
    assert found.tokens.dim() == 4 and found.tokens.shape[1] == found.tokens.shape[2]


def test_a_folder_is_read_by_what_the_task_reads(folders, tiny_encoder):
    known = registry()
    assert backbone_component(str(folders / "vit"), known, ("image",))[0].name == "image-transformer"
    assert backbone_component(str(tiny_encoder), known, ("text",))[0].name == "transformer"
    assert backbone_component("facebook/dinov2-small", known, ("image",))[0].name == "image-transformer"
    # without a task, what lies in the folder says it
    assert choose_backbone(Choice(name=str(folders / "vit")), known).info().modality == "image"
    assert choose_backbone(Choice(name=str(tiny_encoder)), known).info().modality == "text"


def test_adapters_go_on_its_attention(folders):
    from vertikit_plugins.strategies.lora import Lora

    backbone = source(source=str(folders / "vit")).build()
    assert backbone.info.adapter_targets
    Lora().apply(backbone)
    trained = [name for name, each in backbone.module.named_parameters() if each.requires_grad]
    assert trained and all("lora" in name for name in trained)


def test_a_folder_without_an_encoder_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"has no config\.json"):
        source(source=str(tmp_path))
