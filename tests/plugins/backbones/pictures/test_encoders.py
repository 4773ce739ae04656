"""Encoders of pictures: what they give, and weights from files."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from vertikit import UsageError, VertikitError
from vertikit_plugins.backbones.pictures import encoder
from vertikit_plugins.backbones.pictures.residual import source as cnn
from vertikit_plugins.backbones.pictures.surgery import SamePadded
from vertikit_plugins.backbones.pictures.torchvision_models import mobilenet_v2, resnet18, source


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A ResNet-18 with weights drawn by chance, as a state dict of torch, safetensors, and named arrays."""
    from torchvision import models

    torch.manual_seed(3)
    state = models.resnet18(weights=None).state_dict()
    folder = tmp_path_factory.mktemp("weights")
    torch.save({"state_dict": {f"module.{name}": value for name, value in state.items()}}, folder / "r.pth")
    save_file(state, folder / "r.safetensors")
    np.savez(folder / "r.npz", **{name: value.numpy() for name, value in state.items()})
    return folder


def pooled(backbone, pictures, at):
    with torch.no_grad():
        return backbone.module(**backbone.items(pictures).collate(np.array(at))).pooled


@pytest.mark.parametrize("made", [cnn, lambda: resnet18(size=64)])
def test_a_picture_has_one_vector_of_the_width_that_is_told(pictures, made):
    backbone = made().build()
    found = pooled(backbone, pictures, [0, 1, 2, 3])
    assert found.shape == (4, backbone.info.width)
    torch.testing.assert_close(pooled(backbone, pictures, [2])[0], found[2], atol=1e-5, rtol=1e-4)


def test_a_film_has_the_mean_of_its_frames(pictures):
    backbone = cnn(size=32).build()
    batch = backbone.items(pictures).collate(np.array([2]))
    with torch.no_grad():
        each = backbone.module(batch["pixels"], torch.arange(3)).pooled
        torch.testing.assert_close(backbone.module(**batch).pooled[0], each.mean(dim=0))


def test_many_frames_are_encoded_a_few_at_a_time_to_the_same(pictures, monkeypatch):
    backbone = cnn(size=32, width=8, stages=2, tokens_from=[1, 2]).build()
    batch = backbone.items(pictures).collate(np.arange(4))
    seen = []
    backbone.module.encoder.register_forward_hook(lambda *args: seen.append(len(args[1][0])))
    with torch.inference_mode():
        monkeypatch.setattr(encoder, "AT_ONCE", 100 * 32 * 32)
        whole = backbone.module.eval()(**batch)
        monkeypatch.setattr(encoder, "AT_ONCE", 2 * 32 * 32)
        pieces = backbone.module(**batch)
    assert seen == [6, 2, 2, 2]
    assert torch.allclose(whole.pooled, pieces.pooled, atol=1e-6)
    assert torch.allclose(whole.tokens, pieces.tokens, atol=1e-6)
    backbone.module(**batch)  # with gradients: as one
    assert seen[-1] == 6


def test_patches_of_several_layers_lie_on_the_grid_of_the_finest(pictures):
    backbone = resnet18(size=64, tokens_from=["layer2", "layer3"]).build()
    with torch.no_grad():
        found = backbone.module(**backbone.items(pictures).collate(np.array([0, 1])))
    assert found.tokens.shape == (2, 8, 8, 128 + 256)
    assert backbone.info.width == 384
    torch.testing.assert_close(found.pooled, found.tokens.mean(dim=(1, 2)))
    small = cnn(size=32, tokens_from=[1, 2]).build()
    with torch.no_grad():
        tokens = small.module(**small.items(pictures).collate(np.array([2]))).tokens
    assert tokens.shape == (1, 16, 16, 16 + 32)


def test_the_same_weights_from_any_form_of_file_give_the_same_features(pictures, weights):
    given = [
        pooled(resnet18(weights=str(weights / name), size=64).build(), pictures, [0, 1])
        for name in ("r.pth", "r.safetensors", "r.npz")
    ]
    assert torch.equal(given[0], given[1]) and torch.equal(given[0], given[2])
    assert not torch.equal(given[0], pooled(resnet18(size=64).build(), pictures, [0, 1]))


def test_an_encoder_with_weights_is_pretrained_and_one_without_is_not(weights):
    info = resnet18(weights=str(weights / "r.npz")).info()
    assert info.pretrained and len(info.sha256) == 64 and info.source == "file:r.npz"
    assert not resnet18().info().pretrained
    assert not cnn().info().pretrained


def test_weights_of_another_model_are_refused_by_name(weights):
    with pytest.raises(UsageError, match=r"r\.npz is of another model: it lacks features\."):
        mobilenet_v2(weights=str(weights / "r.npz")).build()


def test_a_file_that_would_run_code_is_refused(tmp_path):
    import pickle

    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(VertikitError, match="nothing in it is run"):
        resnet18(weights=str(tmp_path / "evil.pt")).build()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: source(model="resnet19"), "no model 'resnet19'"),
        (lambda: resnet18(weights="/nowhere/w.npz").info(), "no such file"),
        (lambda: resnet18(padding="none"), "Give symmetric or same|is none"),
        (lambda: resnet18(std=[0, 1, 1]), "no std of three colours"),
        (lambda: resnet18(size=64, tokens_from=["layer9"]).build(), "there is no layer 'layer9'"),
        (lambda: cnn(width=12), "make no network"),
        (lambda: cnn(tokens_from=[9]), "are no stages"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(make, said):
    with pytest.raises(UsageError, match=said):
        make()


def test_padding_as_tensorflow_puts_the_odd_pixel_at_the_bottom_and_the_right():
    torch.manual_seed(0)
    plain = torch.nn.Conv2d(2, 3, 3, stride=2, padding=1)
    picture = torch.randn(1, 2, 8, 8)
    wanted = functional.conv2d(functional.pad(picture, (0, 1, 0, 1)), plain.weight, plain.bias, 2)
    plain.__class__ = SamePadded
    torch.testing.assert_close(plain(picture), wanted)


def test_the_fingerprint_changes_with_weights_and_settings(weights):
    prints = {
        resnet18(**options).build().fingerprint
        for options in (
            {},
            {"size": 64},
            {"fit": "crop"},
            {"mean": [0.5, 0.5, 0.5]},
            {"padding": "same"},
            {"tokens_from": ["layer3"]},
            {"weights": str(weights / "r.npz")},
        )
    }
    assert len(prints) == 7


def test_every_part_with_weights_is_a_block_once():
    for made in (resnet18(), mobilenet_v2(), cnn()):
        backbone = made.build()
        blocks = backbone.blocks()
        assert len(blocks) == made.info().layers + 1
        inside = [id(each) for block in blocks for each in block.parameters()]
        assert sorted(inside) == sorted(id(each) for each in backbone.module.parameters())
