"""The trained part of a run as one module: backbones, their features side by side, a head per target."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vertikit.contracts import Backbone, Features


class Model(nn.Module):
    """Columns in, raw outputs by target out.

    Args:
        backbones: binding name -> backbone; the features of all are concatenated in this order.
        heads: target name -> head.
    """

    # Checkpoints hold what is trained alone; the trainer asks for this name when it reads them back.
    _keys_to_ignore_on_save = None

    def __init__(self, backbones: Mapping[str, Backbone], heads: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.bindings = tuple(backbones)
        self.backbones = nn.ModuleDict({name: backbone.module for name, backbone in backbones.items()})
        self.heads = nn.ModuleDict(dict(heads))
        self.eval()

    def heads_alone(self) -> Model:
        """The same heads without the backbones, for batches that were encoded before."""
        alone = Model({}, dict(self.heads.items()))
        alone.bindings = self.bindings
        return alone

    def features(self, columns: Mapping[str, Mapping[str, Tensor]]) -> Features:
        """The features of every binding, side by side: pooled [B, sum of D].

        A binding that comes as `{"pooled": [B, D]}` was encoded before and does not pass its backbone.
        """
        parts = []
        for name in self.bindings:
            batch = columns[name]
            parts.append(batch["pooled"] if "pooled" in batch else self.backbones[name](**batch).pooled)
        return Features(pooled=parts[0] if len(parts) == 1 else torch.cat(parts, dim=1))

    def forward(self, columns: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
        """Batches of `Items.collate` by binding -> raw outputs [B, K] by target."""
        features = self.features(columns)
        return {target: head(features) for target, head in self.heads.items()}

    def train(self, mode: bool = True) -> Model:
        """Training mode for what is trained; a frozen part stays in eval mode, its dropout off."""
        # The trainer asks before every step; walking all modules each time would cost as much as a small step.
        if mode and self.training:
            return self
        super().train(mode)
        if mode:
            _hold_frozen(self.backbones)
        return self

    def trained_state(self) -> dict[str, Tensor]:
        """What training can change: trainable parameters, and the heads' buffers."""
        names = {name for name, parameter in self.named_parameters() if parameter.requires_grad}
        return {
            name: value
            for name, value in self.state_dict().items()
            if name in names or name.startswith("heads.")
        }

    def count_parameters(self) -> tuple[int, int]:
        """(all, trained)."""
        counts = [(each.numel(), each.requires_grad) for each in self.parameters()]
        return sum(count for count, _ in counts), sum(count for count, trained in counts if trained)


def _hold_frozen(module: nn.Module) -> bool:
    """Put what is frozen below `module` in eval mode; whether anything in it is trained.

    A module without parameters of its own (dropout, activation) goes with its siblings: the dropout of
    an adapter is live, that of a frozen layer is not.
    """
    if any(parameter.requires_grad for parameter in module.parameters(recurse=False)):
        return True
    children = list(module.children())
    with_parameters = [child for child in children if any(True for _ in child.parameters())]
    trained = [child for child in with_parameters if _hold_frozen(child)]
    if not trained:
        module.eval()
        return False
    if not all(_wholly_trained(child) for child in trained):
        for child in children:
            if child not in with_parameters:
                child.eval()
    return True


def _wholly_trained(module: nn.Module) -> bool:
    return all(parameter.requires_grad for parameter in module.parameters())
