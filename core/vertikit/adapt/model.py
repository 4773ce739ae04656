"""The trained part of a run as one module: backbones, their features side by side, a head per target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from vertikit.contracts import Backbone, Features

JOINT = "joint"
"""How several texts are combined where the encoder reads them as one."""


class Model(nn.Module):
    """Columns in, raw outputs by target out.

    Args:
        backbones: name -> backbone. heads: target name -> head.
        bindings: input column -> name of the backbone that reads it; without them, a backbone reads the column
            of its own name. The features of all are put together in this order.
        combine: "concat" puts them side by side; "pair" adds, for each column u before the last one v,
            |u - v| and u * v (Conneau et al. 2017, arXiv:1705.02364); "contrast" takes these alone, so that a head
            cannot learn what a question is about. "cosine" takes the cosine of each with
            the last one, and no more. "joint" has one binding that reads all texts as one.
        beside: name of features that are put after all these as they are, or "".
    """

    # Checkpoints hold what is trained alone; the trainer asks for this name when it reads them back.
    _keys_to_ignore_on_save = None

    def __init__(
        self,
        backbones: Mapping[str, Backbone],
        heads: Mapping[str, nn.Module],
        bindings: Mapping[str, str] | None = None,
        combine: str = "concat",
        beside: str = "",
    ) -> None:
        super().__init__()
        self.bindings = dict(bindings if bindings is not None else zip(backbones, backbones, strict=True))
        self.combine = combine
        self.beside = beside
        self.backbones = nn.ModuleDict({name: backbone.module for name, backbone in backbones.items()})
        self.heads = nn.ModuleDict(dict(heads))
        self.eval()

    def heads_alone(self) -> Model:
        """The same heads without the backbones, for batches that were encoded before."""
        return Model({}, dict(self.heads.items()), self.bindings, self.combine, self.beside)

    def features(self, columns: Mapping[str, Mapping[str, Tensor]]) -> Features:
        """The features of every binding, put together: pooled [B, sum of D], or more under "pair".

        A binding that comes as `{"pooled": [B, D]}` was encoded before and does not pass its backbone. Tokens are those
        of the one binding where there is one.
        """
        parts: list[Features] = []
        for name, backbone in self.bindings.items():
            batch = columns[name]
            parts.append(
                Features(batch["pooled"]) if "pooled" in batch else self.backbones[backbone](**batch)
            )
        beside = columns[self.beside]["pooled"] if self.beside else None
        pooled = self.together([each.pooled for each in parts], beside)
        return replace(parts[0], pooled=pooled) if len(parts) == 1 else Features(pooled)

    def together(self, parts: Sequence[Tensor], beside: Tensor | None = None) -> Tensor:
        """Pooled features [B, D] of each binding, and those beside them [B, F] -> those that the heads read."""
        found = list(parts)
        if len(parts) > 1 and self.combine == "cosine":
            found = [cosine_similarity(one, parts[-1], dim=1).unsqueeze(1) for one in parts[:-1]]
        elif len(parts) > 1 and self.combine != "concat":
            last = parts[-1]
            further = [each for one in parts[:-1] for each in ((one - last).abs(), one * last)]
            found = further if self.combine == "contrast" else [*parts, *further]
        if beside is not None:
            found.append(beside)
        return found[0] if len(found) == 1 else torch.cat(found, dim=1)

    def forward(self, columns: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
        """Batches of `Items.collate` by binding -> raw outputs [B, K] by target.

        Under training, an ensemble gives the outputs of each member [B, M, K], so that each learns by itself.
        """
        features = self.features(columns)
        outputs = {target: head(features) for target, head in self.heads.items()}
        if self.training:
            return outputs
        return {
            target: self.heads[target].merged(raw) if raw.dim() == 3 else raw  # type: ignore[operator]
            for target, raw in outputs.items()
        }

    def located(self, columns: Mapping[str, Mapping[str, Tensor]], target: str) -> tuple[Tensor, Tensor]:
        """Raw outputs [B, K] of a target whose head tells where, and its maps [B, H, W]."""
        found: tuple[Tensor, Tensor] = self.heads[target].located(self.features(columns))  # type: ignore[operator]
        return found

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
        """What training can change: trainable parameters, what their modules count as they go (the running means of a
        batch norm), and the heads' buffers."""
        names = trained_names(self)
        return {
            name: value
            for name, value in self.state_dict().items()
            if name in names or name.startswith("heads.")
        }

    def count_parameters(self) -> tuple[int, int]:
        """(all, trained)."""
        counts = [(each.numel(), each.requires_grad) for each in self.parameters()]
        return sum(count for count, _ in counts), sum(count for count, trained in counts if trained)


def trained_names(module: nn.Module) -> set[str]:
    """Names of trainable parameters, and of the buffers of modules that have any of their own."""
    found = {name for name, parameter in module.named_parameters() if parameter.requires_grad}
    for name, part in module.named_modules():
        if any(parameter.requires_grad for parameter in part.parameters(recurse=False)):
            found |= {f"{name}.{buffer}".lstrip(".") for buffer, _ in part.named_buffers(recurse=False)}
    return found & module.state_dict().keys()


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


def combined_width(combine: str, inputs: int, width: int) -> int:
    """How wide the features are that the heads read, of `inputs` bindings of that width."""
    if inputs == 1 or combine == "concat":
        return inputs * width
    if combine == "cosine":
        return inputs - 1
    return (2 * (inputs - 1) + (inputs if combine == "pair" else 0)) * width
