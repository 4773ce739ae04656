"""Any Transformers text encoder, from a local folder or the Hugging Face Hub, read as safetensors."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from vertikit import UsageError, VertikitError
from vertikit.contracts import BackboneInfo
from vertikit_plugins.backbones.augmenting.texts import TextAugmentation
from vertikit_plugins.backbones.hub import hub_folder
from vertikit_plugins.backbones.model_folder import (
    brief,
    front_matter,
    optional_json,
    read_json,
    weight_shapes,
    weights_sha256,
)
from vertikit_plugins.backbones.text_encoder import Pooling, TextBackbone
from vertikit_plugins.portable.windowing import Windowing

ADAPTER_TARGETS = (
    ("query", "value"),
    ("q_proj", "v_proj"),
    ("q_lin", "v_lin"),
    ("query_proj", "value_proj"),
    ("q", "v"),
    ("Wqkv",),
    ("query_key_value",),
    ("qkv",),
)
"""Names of attention projections in the families of encoders; the first all of whose names occur is taken."""
DEPTH = ("num_hidden_layers", "n_layers", "num_layers", "n_layer")
_LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks?)\.(\d+)\.")


class TransformerSource:
    """`vertikit.contracts.BackboneSource` for a folder in the layout of Transformers.

    Args:
        name: as the recipe has it.
        folder: with config.json, *.safetensors and a tokenizer.
        source: what is told of where it is from.
        augment: how training alters texts.
        sha256: of the weights, already verified; computed where not given.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        source: str,
        max_length: int | None = None,
        max_windows: int = 16,
        overlap: int = 32,
        pooling: Pooling | None = None,
        layers: int | None = None,
        trust_remote_code: bool = False,
        augment: Mapping[str, float] | None = None,
        sha256: str = "",
    ) -> None:
        self._name = name
        self._folder = folder
        self._source = source
        self._max_length = max_length
        self._windows = (overlap, max_windows)
        self._pooling = pooling
        self._layers = layers
        self._trust = trust_remote_code
        self._augment = TextAugmentation(augment or {})
        self._sha256 = sha256
        for needed, glob in (("a config.json", "config.json"), ("safetensors weights", "*.safetensors")):
            if not any(folder.glob(glob)):
                raise UsageError(
                    f"backbone {name!r}: {_shown(folder)} has no {needed.removeprefix('a ')}.",
                    "A Transformers model folder is needed, saved with model.save_pretrained(DIR) "
                    "and tokenizer.save_pretrained(DIR).",
                )

    @cached_property
    def _config(self) -> dict[str, Any]:
        return read_json(self._folder / "config.json", self._name)

    def info(self) -> BackboneInfo:
        """Read from the configuration and the headers of the weights; the weights stay on disk."""
        config, card = self._config, front_matter(self._folder / "README.md")
        shapes = weight_shapes(self._folder, self._name)
        modules = {name.split(".")[-2] for name in shapes if name.count(".")}
        targets = next((names for names in ADAPTER_TARGETS if modules.issuperset(names)), ())
        languages = card.get("language") or ()
        width = int(_first(config, "hidden_size", "dim", "d_model", "n_embd"))
        return BackboneInfo(
            name=self._name,
            source=self._source,
            modality="text",
            pretrained=True,
            licence=str(card.get("license", "not stated")),
            languages=(languages,) if isinstance(languages, str) else tuple(languages),
            parameters=sum(math.prod(shape) for name, shape in shapes.items() if self._kept(name)),
            width=width,
            max_length=self._limit(),
            layers=self._depth(),
            adapter_targets=targets,
            sha256=self._sha256 or weights_sha256(self._folder),
        )

    def build(self) -> TextBackbone:
        """The encoder and its tokenizer in memory, in fp32."""
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        info = self.info()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        options = self._loading()
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=self._trust
            )
            try:
                # The pooler served the pretraining task alone; left in, it would be trained for nothing.
                model = AutoModel.from_pretrained(self._folder, add_pooling_layer=False, **options)
            except TypeError:
                model = AutoModel.from_pretrained(self._folder, **options)
        except Exception as error:
            raise VertikitError(
                f"backbone {self._name!r} cannot be loaded from {_shown(self._folder)}: {brief(error)}",
                "Check that the folder holds a text encoder and its tokenizer, whole.",
            ) from error
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        overlap, most = self._windows
        return TextBackbone(
            info,
            model.eval(),
            tokenizer,
            Windowing(info.max_length, overlap, most),
            self._pooling_of_folder(),
            normalise=any(kind.endswith("Normalize") for kind in self._modules()),
            masked=self._masked if self._has_masked_head() else None,
            augment=self._augment,
        )

    def _loading(self) -> dict[str, Any]:
        """How weights are read, whatever stands on them."""
        import torch

        options: dict[str, Any] = {
            "local_files_only": True,
            "use_safetensors": True,
            "trust_remote_code": self._trust,
            "dtype": torch.float32,
        }
        if self._layers is not None:
            options[self._depth_key()] = self._depth()
        return options

    def _has_masked_head(self) -> bool:
        """Whether the weights were saved with the head that guesses hidden words."""
        kinds = self._config.get("architectures") or ()
        return any(str(kind).endswith(("ForMaskedLM", "ForPreTraining")) for kind in kinds)

    def _masked(self) -> Any:
        """The encoder with that head."""
        from transformers import AutoModelForMaskedLM

        try:
            return AutoModelForMaskedLM.from_pretrained(self._folder, **self._loading())
        except Exception as error:
            raise VertikitError(
                f"backbone {self._name!r}: its masked-language head cannot be loaded from {_shown(self._folder)}: "
                f"{brief(error)}",
                "Take another task: --set pretrain.task=simcse",
            ) from error

    def _depth_key(self) -> str:
        """What the configuration calls the number of layers."""
        return next((key for key in DEPTH if key in self._config), DEPTH[0])

    def _depth(self) -> int:
        """Layers that are used: all, or the lowest of them."""
        whole = int(_first(self._config, *DEPTH))
        if self._layers is None:
            return whole
        if not 1 <= self._layers <= whole:
            raise UsageError(
                f"backbone.layers: {self._layers} is not between 1 and {whole} ({self._name!r}).",
                "Leave it out for all of them.",
            )
        return self._layers

    def _kept(self, weight: str) -> bool:
        """Whether a weight of that name is of a layer that is used, or of none."""
        found = _LAYER.search(weight)
        return found is None or int(found[1]) < self._depth()

    def _modules(self) -> list[str]:
        """The kinds of the modules that a sentence encoder's folder lists, in order."""
        path = self._folder / "modules.json"
        if not path.is_file():
            return []
        try:
            return [str(entry["type"]) for entry in json.loads(path.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageError(
                f"backbone {self._name!r}: modules.json cannot be read: {brief(error)}", "Mend it."
            ) from error

    def _limit(self) -> int:
        positions = self._config.get("max_position_embeddings") or self._config.get("n_positions")
        tokenizer = optional_json(self._folder / "tokenizer_config.json").get("model_max_length")
        sentences = optional_json(self._folder / "sentence_bert_config.json").get("max_seq_length")
        # RoBERTa's positions start after the padding index, so two of them cannot be used.
        if positions and self._config.get("model_type") in {"roberta", "xlm-roberta", "camembert"}:
            positions -= 2
        limits = [int(limit) for limit in (positions, tokenizer, sentences) if limit and limit < 1_000_000]
        most = min(limits, default=512)
        if self._max_length is None:
            return most
        if not 8 <= self._max_length <= most:
            raise UsageError(
                f"backbone.max_length: {self._max_length} is not between 8 and {most} ({self._name!r}).",
                f"Leave it out, or set backbone.max_length to {most} or less.",
            )
        return self._max_length

    def _pooling_of_folder(self) -> Pooling:
        if self._pooling is not None:
            return self._pooling
        pooling = optional_json(self._folder / "1_Pooling" / "config.json")
        return "cls" if pooling.get("pooling_mode_cls_token") else "mean"


def source(
    *,
    source: str,
    revision: str | None = None,
    max_length: int | None = None,
    max_windows: int = 16,
    overlap: int = 32,
    pooling: Pooling | None = None,
    layers: int | None = None,
    trust_remote_code: bool = False,
    augment: dict[str, float] | None = None,
) -> TransformerSource:
    """An encoder by local folder or Hub id; the Hub's cache is asked first, then the Hub.

    Args:
        source: the folder, or `owner/name`.
        revision: of the Hub repository: a branch, a tag, a commit.
        max_length: tokens of a window, at most; without it, what the encoder takes.
        max_windows: windows that one text is read in, at most.
        overlap: tokens that neighbouring windows share.
        pooling: mean of the tokens or the first ("cls"); without it, what the folder says, else mean.
        layers: how many of them are used, from the lowest; null: all.
        trust_remote_code: whether code that comes with the weights may run.
        augment: how training alters texts, such as {delete: 0.1, swap: 0.1, cutoff: 0.1}; null: not at all.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        origin = f"local folder {folder.name}"
    else:
        folder, origin = hub_folder(source, revision), f"hub:{source}" + (f"@{revision}" if revision else "")
    return TransformerSource(
        source,
        folder,
        source=origin,
        max_length=max_length,
        max_windows=max_windows,
        overlap=overlap,
        pooling=pooling,
        layers=layers,
        trust_remote_code=trust_remote_code,
        augment=augment,
    )


def _first(config: dict[str, Any], *keys: str) -> Any:
    for key in keys:
        if key in config:
            return config[key]
    raise UsageError(
        f"config.json of a {config.get('model_type', 'model of no type')} has none of {', '.join(keys)}.",
        "Take a text encoder, such as a BERT, RoBERTa, MiniLM or ModernBERT.",
    )


def _shown(folder: Path) -> str:
    return folder.name or str(folder)
