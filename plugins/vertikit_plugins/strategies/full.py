"""Full and partial tuning: the encoder's own weights, with smaller steps towards the input."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from vertikit import UsageError
from vertikit.contracts import Backbone
from vertikit_plugins.strategies.trained_weights import load_trained, save_trained


class Full:
    """Every weight is trained.

    Args:
        layer_decay: each layer further from the output has its rate times this (Howard and Ruder 2018,
            arXiv:1801.06146); 1 gives all the same.
    """

    needs_pretrained = False
    features_once = False
    defaults: Mapping[str, Any] = {
        "epochs": 6,
        "optimiser": {"rate": 1e-3, "encoder_rate": 1e-4},
        "batch": {"rows": 16},
    }

    def __init__(self, *, layer_decay: float = 0.9) -> None:
        _check_decay(layer_decay)
        self._decay = layer_decay

    def apply(self, backbone: Backbone) -> None:
        """Release every weight."""
        backbone.module.requires_grad_(True)

    def groups(self, backbone: Backbone, rate: float) -> list[dict[str, Any]]:
        """A group a layer, the top one at `rate`."""
        return layer_groups(backbone, rate, self._decay)

    def save(self, backbone: Backbone, folder: Path) -> None:
        """The trained weights as safetensors."""
        save_trained(backbone.module, folder)

    def load(self, backbone: Backbone, folder: Path) -> None:
        """The trained weights, read back."""
        load_trained(backbone.module, folder)

    def merge(self, backbone: Backbone) -> None:
        """What was trained is in plain weights already."""


def layer_groups(backbone: Backbone, rate: float, decay: float) -> list[dict[str, Any]]:
    """The trained parameters by layer, each layer's rate `decay` times that of the one above it.

    Parameters outside all layers (a final norm) go with the top layer.
    """
    blocks = backbone.blocks()
    seen: set[int] = set()
    groups: list[dict[str, Any]] = []
    for depth, block in enumerate(reversed(blocks)):
        groups.append({"params": _trained(block, seen), "lr": rate * decay**depth})
    groups[0]["params"] += _trained(backbone.module, seen)
    return [group for group in groups if group["params"]]


def _trained(module: nn.Module, seen: set[int]) -> list[nn.Parameter]:
    found = [each for each in module.parameters() if each.requires_grad and id(each) not in seen]
    seen.update(id(each) for each in found)
    return found


def _check_decay(decay: float) -> None:
    if not 0 < decay <= 1:
        raise UsageError(f"strategy.layer_decay: {decay} is not above 0 and at most 1.", "Try 0.9.")
