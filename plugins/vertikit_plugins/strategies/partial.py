"""Partial tuning: the layers nearest to the output are trained, the others stay frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertikit import UsageError
from vertikit.contracts import Backbone
from vertikit_plugins.strategies.full import Full


class Partial(Full):
    """The top layers are trained, with smaller steps lower down.

    Args:
        layers: how many, counted from the output.
        layer_decay: each layer further from the output has its rate times this.
    """

    needs_pretrained = True
    defaults: Mapping[str, Any] = {
        "epochs": 6,
        "optimiser": {"rate": 1e-3, "encoder_rate": 2e-4},
        "batch": {"rows": 16},
    }

    def __init__(self, *, layers: int = 2, layer_decay: float = 0.9) -> None:
        super().__init__(layer_decay=layer_decay)
        if layers < 1:
            raise UsageError(
                f"strategy.layers: {layers} is below 1.", "Use strategy=probe to train the head alone."
            )
        self._layers = layers

    def apply(self, backbone: Backbone) -> None:
        """Freeze all but the top layers."""
        layers = backbone.blocks()[1:]
        if self._layers > len(layers):
            raise UsageError(
                f"strategy.layers: {self._layers} is more than the {len(layers)} of {backbone.info.name!r}.",
                "Use fewer, or strategy=full.",
            )
        backbone.module.requires_grad_(False)
        for layer in layers[-self._layers :]:
            layer.requires_grad_(True)
