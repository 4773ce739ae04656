"""Probe: the encoder stays as it is; its features are computed once, and the head is trained on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vertikit.contracts import Backbone


class Probe:
    """`vertikit.contracts.Strategy` that trains the head alone."""

    needs_pretrained = True
    features_once = True
    defaults: Mapping[str, Any] = {
        "epochs": 40,
        "patience": 6,
        "optimiser": {"rate": 3e-3, "weight_decay": 0.1, "warmup": 0.0},
        "batch": {"rows": 32},
    }

    def apply(self, backbone: Backbone) -> None:
        """Freeze every weight."""
        backbone.module.requires_grad_(False)

    def groups(self, backbone: Backbone, rate: float) -> list[dict[str, Any]]:  # noqa: ARG002
        """Nothing of the encoder is trained."""
        return []

    def save(self, backbone: Backbone, folder: Path) -> None:
        """Nothing of the encoder has changed."""

    def load(self, backbone: Backbone, folder: Path) -> None:
        """Nothing of the encoder has changed."""

    def merge(self, backbone: Backbone) -> None:
        """Nothing of the encoder has changed."""
