"""BitFit: the biases alone are trained (Ben Zaken et al. 2022, arXiv:2106.10199)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertikit import UsageError
from vertikit.contracts import Backbone
from vertikit_plugins.strategies.full import Full


class BitFit(Full):
    """Every bias of the encoder is trained, and no matrix: it costs nothing when the model runs."""

    needs_pretrained = True
    defaults: Mapping[str, Any] = {
        "epochs": 8,
        "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3},
        "batch": {"rows": 16},
    }

    def __init__(self) -> None:
        super().__init__(layer_decay=1)

    def apply(self, backbone: Backbone) -> None:
        """Freeze all but the biases."""
        backbone.module.requires_grad_(False)
        biases = [each for name, each in backbone.module.named_parameters() if name.endswith("bias")]
        if not biases:
            raise UsageError(
                f"strategy bitfit trains biases, and {backbone.info.name!r} has none.",
                "Take another: --set strategy=lora",
            )
        for bias in biases:
            bias.requires_grad_(True)
