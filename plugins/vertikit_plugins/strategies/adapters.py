"""Adapters beside frozen weights, through peft: what every kind of them has in common."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit import UsageError, VertikitError
from vertikit.contracts import Backbone

if TYPE_CHECKING:
    from peft import PeftConfig, PeftModel


def wrap(backbone: Backbone, config: PeftConfig, targets: Sequence[str]) -> None:
    """Put fresh adapters on the encoder; all else in it is frozen. UsageError where it has no such modules."""
    from peft import get_peft_model

    try:
        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 for a name that is on its way out; a user can do nothing about it.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            backbone.module.encoder = get_peft_model(backbone.module.encoder, config)
    except ValueError as error:
        raise UsageError(
            f"strategy.targets: {', '.join(targets)} are no modules of {backbone.info.name!r}.",
            "See the encoder's module names: python -c \"import transformers as t; print(t.AutoModel"
            ".from_pretrained('FOLDER'))\"",
        ) from error


class Adapters:
    """The part of `vertikit.contracts.Strategy` that comes after `apply`."""

    needs_pretrained = True
    features_once = False

    def groups(self, backbone: Backbone, rate: float) -> list[dict[str, Any]]:
        """The adapters, at one rate."""
        adapters = [each for each in backbone.module.parameters() if each.requires_grad]
        return [{"params": adapters, "lr": rate}]

    def save(self, backbone: Backbone, folder: Path) -> None:
        """A PEFT adapter folder; the base is named by its source and hash, not by a path of this machine."""
        encoder: PeftModel = backbone.module.get_submodule("encoder")
        encoder.save_pretrained(str(folder))
        (folder / "README.md").unlink(missing_ok=True)
        path = folder / "adapter_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = backbone.info.source
        config["revision"] = backbone.info.sha256
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def load(self, backbone: Backbone, folder: Path) -> None:
        """Read the adapters back into the wrapped encoder."""
        from peft import load_peft_weights, set_peft_model_state_dict

        try:
            weights = load_peft_weights(str(folder), device="cpu")
            result = set_peft_model_state_dict(backbone.module.encoder, weights)
        except Exception as error:
            raise VertikitError(
                f"the adapter in {folder.name}/ cannot be read: {error}",
                "The run folder is damaged: copy it again, or train again.",
            ) from error
        if result.unexpected_keys:
            raise VertikitError(
                f"the adapter in {folder.name}/ does not fit the encoder.", "Train again with this version."
            )

    def merge(self, backbone: Backbone) -> None:
        """The adapters go into the weights beside which they stand."""
        encoder: PeftModel = backbone.module.get_submodule("encoder")
        backbone.module.encoder = encoder.merge_and_unload()
