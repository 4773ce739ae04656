"""Any Transformers image encoder (ViT, DINOv2, Swin, ConvNeXt, …), from a local folder or the Hugging Face Hub."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from vertikit import UsageError, VertikitError
from vertikit.contracts import BackboneInfo
from vertikit.select.choosing import serves
from vertikit_plugins.backbones.hub import hub_folder
from vertikit_plugins.backbones.model_folder import (
    brief,
    front_matter,
    optional_json,
    read_json,
    weight_shapes,
    weights_sha256,
)
from vertikit_plugins.backbones.pictures.augmenting import Augmentation
from vertikit_plugins.backbones.pictures.encoder import PictureBackbone, PictureEncoder
from vertikit_plugins.backbones.pictures.items import Fit, Framing

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ADAPTED = (("query", "value"), ("q_proj", "v_proj"), ("qkv",))
"""Names of attention projections; the first all of whose names occur get adapters."""
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


class Pooled(nn.Module):
    """The encoder's own pooled vector [W, D], or where it has none its first token, or the mean of its map; or maps
    of the chosen hidden layers, their tokens laid out as the patches are, the first ones (of the class, registers)
    left out."""

    def __init__(self, encoder: PreTrainedModel, layers: Sequence[int]) -> None:
        super().__init__()
        self.encoder = encoder
        self.layers = tuple(layers)

    def forward(self, pixels: Tensor) -> Tensor | list[Tensor]:
        """pixels [W, 3, S, S]."""
        if self.layers:
            hidden = self.encoder(pixel_values=pixels, output_hidden_states=True).hidden_states
            return [_as_map(hidden[layer]) for layer in self.layers]
        found = self.encoder(pixel_values=pixels)
        pooled = getattr(found, "pooler_output", None)
        if pooled is not None:
            return pooled.flatten(1)  # type: ignore[no-any-return]
        last: Tensor = found.last_hidden_state
        return last[:, 0] if last.dim() == 3 else last.mean(dim=(2, 3))


def _as_map(hidden: Tensor) -> Tensor:
    """Tokens [W, L, D] as a map [W, D, H, H]; what is one already stays."""
    if hidden.dim() == 4:
        return hidden
    side = math.isqrt(hidden.shape[1])
    patches = hidden[:, hidden.shape[1] - side * side :]
    return patches.transpose(1, 2).reshape(len(hidden), hidden.shape[2], side, side)


class ImageTransformerSource:
    """`vertikit.contracts.BackboneSource` for a folder in the layout of Transformers."""

    def __init__(
        self, name: str, folder: Path, origin: str, size: int | None, fit: Fit, layers: Sequence[int], augment:
        Augmentation
    ) -> None:  # fmt: skip
        self._name, self._folder, self._origin = name, folder, origin
        self._size, self._fit, self._layers, self._augment = size, fit, tuple(layers), augment
        for needed, glob in (("config.json", "config.json"), ("safetensors weights", "*.safetensors")):
            if not any(folder.glob(glob)):
                raise UsageError(
                    f"backbone {name!r}: {folder.name or folder} has no {needed}.",
                    "A Transformers model folder is needed, saved with model.save_pretrained(DIR).",
                )

    @cached_property
    def _config(self) -> dict[str, Any]:
        return read_json(self._folder / "config.json", self._name)

    def info(self) -> BackboneInfo:
        """Read from the configuration and the headers of the weights; the weights stay on disk."""
        shapes = weight_shapes(self._folder, self._name)
        modules = {name.split(".")[-2] for name in shapes if name.count(".")}
        card = front_matter(self._folder / "README.md")
        width = self._width()
        return BackboneInfo(
            name=self._name,
            source=self._origin,
            modality="image",
            pretrained=True,
            licence=str(card.get("license", "not stated")),
            languages=(),
            parameters=sum(math.prod(shape) for shape in shapes.values()),
            width=width * max(1, len(self._layers)),
            max_length=self._side(),
            layers=self._depth(),
            adapter_targets=next((names for names in ADAPTED if modules.issuperset(names)), ()),
            sha256=weights_sha256(self._folder),
        )

    def _width(self) -> int:
        sizes = self._config.get("hidden_sizes")
        found = sizes[-1] if sizes else self._config.get("hidden_size") or self._config.get("embed_dim")
        if not isinstance(found, int):
            raise UsageError(
                f"backbone {self._name!r}: its config.json tells no width of an image encoder.",
                "Take a ViT, DINOv2, Swin or ConvNeXt, say.",
            )
        return found

    def _depth(self) -> int:
        depths = self._config.get("depths")
        return len(depths) if depths else int(self._config.get("num_hidden_layers", 0))

    def _side(self) -> int:
        found = self._size or self._config.get("image_size") or 224
        return int(found[0] if isinstance(found, list) else found)

    def build(self) -> PictureBackbone:
        """The encoder in memory, in fp32."""
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        info = self.info()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            encoder = AutoModel.from_pretrained(
                self._folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32,
            )
        except Exception as error:
            raise VertikitError(
                f"backbone {self._name!r} cannot be loaded from {self._folder.name}: {brief(error)}",
                "Check that the folder holds an image encoder, whole.",
            ) from error
        encoder = getattr(encoder, "vision_model", encoder)  # of a pair with texts, the side that sees
        if self._layers and max(self._layers) > info.layers:
            raise UsageError(
                f"backbone.tokens_from: {self._layers} are no layers of {self._name!r}.",
                f"It has {info.layers}.",
            )
        about = optional_json(self._folder / "preprocessor_config.json")
        mean, std = (
            about.get(f"image_{each}") or default
            for each, default in zip(("mean", "std"), IMAGENET, strict=True)
        )
        # Names of weights on disk may be those of an older release; adapters go by the modules that are there.
        names = {name.rpartition(".")[2] for name, _ in encoder.named_modules()}
        targets = next((each for each in ADAPTED if names.issuperset(each)), ())
        info = replace(info, adapter_targets=targets)
        framing = Framing(info.max_length, self._fit, self._augment)
        module = PictureEncoder(Pooled(encoder, self._layers), mean, std)
        return PictureBackbone(info, module.eval(), framing, _layers(encoder), (mean, std, self._layers))


def _layers(encoder: nn.Module) -> list[nn.Module]:
    """Embeddings, then the layers or stages, from input to output."""
    lists = [each for each in encoder.modules() if isinstance(each, nn.ModuleList)]
    longest = max(lists, key=len, default=nn.ModuleList())
    first = next((each for name, each in encoder.named_children() if "embed" in name), encoder)
    return [first, *longest]


@serves("image")
def source(
    *,
    source: str,
    revision: str | None = None,
    size: int | None = None,
    fit: Fit = "squash",
    tokens_from: list[int] | None = None,
    augment: dict[str, float] | None = None,
) -> ImageTransformerSource:
    """An image encoder by local folder or Hub id; the Hub's cache is asked first, then the Hub.

    Args:
        source: the folder, or `owner/name`.
        revision: of the Hub repository: a branch, a tag, a commit.
        size: side of the square that it takes, in pixels; null: as it was trained.
        fit: squash changes proportions and keeps the edges; crop keeps the middle square; pad adds black.
        tokens_from: hidden layers, from 1, whose tokens are patches, for heads that show places; null: none.
        augment: how training alters pictures, such as {flip: 0.5, rotate: 10}; null: not at all.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        origin = f"local folder {folder.name}"
    else:
        folder, origin = hub_folder(source, revision), f"hub:{source}" + (f"@{revision}" if revision else "")
    return ImageTransformerSource(
        source, folder, origin, size, fit, tokens_from or (), Augmentation(augment or {})
    )
