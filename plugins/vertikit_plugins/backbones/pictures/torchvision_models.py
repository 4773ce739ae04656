"""Any model of torchvision by name, with weights from a file, from torchvision, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vertikit import UsageError
from vertikit.contracts import BackboneInfo
from vertikit.errors import did_you_mean
from vertikit_plugins.backbones.pictures.augmenting import Augmentation
from vertikit_plugins.backbones.pictures.encoder import PictureBackbone, PictureEncoder
from vertikit_plugins.backbones.pictures.items import Fit, Framing
from vertikit_plugins.backbones.pictures.surgery import (
    adapter_targets,
    blocks,
    classifier_of,
    cut_at,
    pad_as_tensorflow,
    without_classifier,
)
from vertikit_plugins.backbones.pictures.weights import file_sha256, read_weights, take_weights

IMAGENET = "imagenet"


class TorchvisionSource:
    """`vertikit.contracts.BackboneSource` for a model of torchvision."""

    def __init__(
        self,
        name: str,
        model: str,
        weights: str | None,
        framing: Framing,
        scale: tuple[Sequence[float], Sequence[float]],
        same: bool,
        tokens_from: Sequence[str],
    ) -> None:
        self._name, self._model, self._weights = name, model, weights
        self._framing, self._scale, self._same, self._tokens_from = framing, scale, same, tuple(tokens_from)

    def info(self) -> BackboneInfo:
        """From the model's shape alone; a file of weights is hashed, not read into memory."""
        import torch
        from torchvision import models

        with torch.device("meta"):
            model = models.get_model(self._model, weights=None)
        path = None if self._weights in (None, IMAGENET) else Path(str(self._weights)).expanduser()
        if path is not None and not path.is_file():
            raise UsageError(f"backbone.weights: {path}: no such file.", "Check the path.")
        source = {None: "untrained", IMAGENET: f"torchvision:{self._model}"}.get(
            self._weights
        ) or f"file:{path and path.name}"
        width = classifier_of(model)[1].in_features
        own = without_classifier(model)
        return BackboneInfo(
            name=self._name,
            source=source,
            modality="image",
            pretrained=self._weights is not None,
            licence="BSD-3-Clause (code of torchvision); that of the weights is as their source says",
            languages=(),
            parameters=sum(each.numel() for each in own.parameters()),
            width=self._token_width() if self._tokens_from else width,
            max_length=self._framing.size,
            layers=len(blocks(own)) - 1,
            adapter_targets=adapter_targets(own),
            sha256="" if path is None else file_sha256(path),
        )

    def _token_width(self) -> int:
        """Channels of all chosen layers together, by a look at one small picture."""
        import torch

        own = without_classifier(self._untrained())
        with torch.no_grad():
            return sum(each.shape[1] for each in cut_at(own, self._tokens_from)(torch.zeros(1, 3, 64, 64)))

    def _untrained(self) -> Any:
        from torchvision import models

        return models.get_model(self._model, weights=None)

    def build(self) -> PictureBackbone:
        """The model in memory, in fp32, without what classifies."""
        from dataclasses import replace

        import torch
        from torchvision import models

        info = self.info()
        if self._weights == IMAGENET:
            try:
                published = models.get_model_weights(self._model).DEFAULT
                model = models.get_model(self._model, weights=published)
            except OSError as error:
                raise UsageError(
                    f"backbone {self._name!r}: torchvision's weights are not on this machine, and cannot be fetched.",
                    "Give a file: --set backbone.weights=FILE; or train all of it: --set backbone.weights=null",
                ) from error
            info = replace(info, sha256=_state_sha256(model))
        else:
            # Whatever is drawn for an untrained model is the recipe's: its seed is set by whom builds it.
            torch.manual_seed(0)
            model = self._untrained()
        if info.pretrained and self._weights != IMAGENET:
            path = Path(str(self._weights)).expanduser()
            take_weights(model, read_weights(path), path, without=classifier_of(model)[0].split(".")[0])
        own = without_classifier(model)
        if self._same:
            pad_as_tensorflow(own)
        layers = blocks(own)
        if self._tokens_from:
            own = cut_at(own, self._tokens_from)
        module = PictureEncoder(own, *self._scale)
        settings = (self._scale, self._same, self._tokens_from)
        return PictureBackbone(info, module.eval(), self._framing, layers, settings)


def _state_sha256(model: Any) -> str:
    import hashlib

    found = hashlib.sha256()
    for name, value in model.state_dict().items():
        found.update(name.encode())
        found.update(value.numpy().tobytes())
    return found.hexdigest()


def source(
    *,
    model: str,
    weights: str | None = None,
    size: int | None = None,
    fit: Fit = "squash",
    mean: list[float] | None = None,
    std: list[float] | None = None,
    padding: str = "symmetric",
    tokens_from: list[str] | None = None,
    augment: dict[str, float] | None = None,
) -> TorchvisionSource:
    """A model of torchvision.

    Args:
        model: its name there, such as mobilenet_v2; torchvision.models.list_models() has all.
        weights: a file (.safetensors, .npz, .pt); imagenet: torchvision's own, which are fetched once; null: none.
        size: side of the square that it takes, in pixels; null: as the model was published with.
        fit: squash changes proportions and keeps the edges; crop keeps the middle square; pad adds black.
        mean: of red, green and blue that the weights were trained with, from 0 to 1; null: of ImageNet.
        std: the same of their spread.
        padding: same, for weights that were trained with TensorFlow; symmetric for others.
        tokens_from: layers whose maps are patches, for heads that show places, such as [layer2, layer3]; null: none.
        augment: how training alters pictures, such as {flip: 0.5, rotate: 10}; null: not at all.
    """
    return _named("torchvision", model, weights, size, fit, mean, std, padding, tokens_from, augment)


def _named(
    name: str,
    model: str,
    weights: str | None,
    size: int | None,
    fit: Fit,
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
    padding: str,
    tokens_from: Sequence[str] | None,
    augment: Mapping[str, float] | None,
) -> TorchvisionSource:
    from torchvision import models

    known = models.list_models(models)
    if model not in known:
        raise UsageError(f"backbone.model: torchvision has no model {model!r}.", did_you_mean(model, known))
    if padding not in ("symmetric", "same"):
        raise UsageError(f"backbone.padding: {padding!r} is none.", "Give symmetric or same.")
    published = models.get_model_weights(model).DEFAULT.transforms()
    chosen = size or int(published.crop_size[0])
    if not 16 <= chosen <= 2048:
        raise UsageError(f"backbone.size: {chosen} is no side of a picture.", "Give one from 16 to 2048.")
    scale = (list(mean or published.mean), list(std or published.std))
    for key, each in zip(("mean", "std"), scale, strict=True):
        if len(each) != 3 or (key == "std" and min(each) <= 0):
            raise UsageError(f"backbone.{key}: {each} is no {key} of three colours.", "Give three numbers.")
    framing = Framing(chosen, fit, Augmentation(augment or {}))
    return TorchvisionSource(
        name, model, weights, framing, (scale[0], scale[1]), padding == "same", tokens_from or ()
    )


def _short(
    name: str,
    model: str,
    *,
    weights: str | None = None,
    size: int | None = None,
    fit: Fit = "squash",
    mean: list[float] | None = None,
    std: list[float] | None = None,
    padding: str = "symmetric",
    tokens_from: list[str] | None = None,
    augment: dict[str, float] | None = None,
) -> TorchvisionSource:
    """A model of torchvision under a name of its own.

    Args:
        weights: a file (.safetensors, .npz, .pt); imagenet: torchvision's own, which are fetched once; null: none.
        size: side of the square that it takes, in pixels; null: as the model was published with.
        fit: squash changes proportions and keeps the edges; crop keeps the middle square; pad adds black.
        mean: of red, green and blue that the weights were trained with, from 0 to 1; null: of ImageNet.
        std: the same of their spread.
        padding: same, for weights that were trained with TensorFlow; symmetric for others.
        tokens_from: layers whose maps are patches, for heads that show places, such as [layer2, layer3]; null: none.
        augment: how training alters pictures, such as {flip: 0.5, rotate: 10}; null: not at all.
    """
    return _named(name, model, weights, size, fit, mean, std, padding, tokens_from, augment)


resnet18 = partial(_short, "resnet18", "resnet18")
resnet50 = partial(_short, "resnet50", "resnet50")
wide_resnet50 = partial(_short, "wide-resnet50", "wide_resnet50_2")
mobilenet_v2 = partial(_short, "mobilenet-v2", "mobilenet_v2")
densenet121 = partial(_short, "densenet121", "densenet121")
efficientnet_b0 = partial(_short, "efficientnet-b0", "efficientnet_b0")
