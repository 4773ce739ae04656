"""IA3: frozen activations, each stretched or shrunk by a learnt factor (Liu et al. 2022, arXiv:2205.05638), by peft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertikit import UsageError
from vertikit.contracts import Backbone
from vertikit_plugins.strategies.adapters import Adapters, wrap


class Ia3(Adapters):
    """Factors on keys, values and the feed-forward parts: far fewer parameters than LoRA has.

    Args:
        targets: module names whose outputs get factors; without them, those that peft knows for the encoder's family.
        feedforward: those of the targets that get them on their inputs instead.
    """

    defaults: Mapping[str, Any] = {
        "epochs": 10,
        "optimiser": {"rate": 2e-3, "encoder_rate": 5e-3},
        "batch": {"rows": 16},
    }

    def __init__(self, *, targets: list[str] | None = None, feedforward: list[str] | None = None) -> None:
        strange = [name for name in feedforward or () if name not in (targets or ())]
        if strange:
            raise UsageError(
                f"strategy.feedforward: {strange[0]!r} is none of strategy.targets.", "Name it in both."
            )
        self._targets, self._feedforward = targets, feedforward

    def apply(self, backbone: Backbone) -> None:
        """Wrap the encoder with factors of one; all else in it is frozen."""
        from peft import IA3Config
        from peft.utils import (
            TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING,
            TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING,
        )

        encoder = backbone.module.encoder
        family = getattr(getattr(encoder, "config", None), "model_type", "")
        targets, feedforward = self._targets, self._feedforward or []
        if targets is None:
            targets = TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING.get(family)
            feedforward = TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING.get(family, [])
        if not targets:
            raise UsageError(
                f"strategy ia3 does not know where its factors go on {backbone.info.name!r}.",
                "Name the modules: --set 'strategy.targets=[k_proj, v_proj, fc2]' --set 'strategy.feedforward=[fc2]'",
            )
        wrap(backbone, IA3Config(target_modules=targets, feedforward_modules=feedforward), targets)
