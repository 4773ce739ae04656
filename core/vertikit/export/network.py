"""A run's model as one network of tensors: encoder, what lies around it, head, and the trees of a blend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from vertikit.contracts import Features, FittedHead, PortableBackbone, PortableBaseline, PortableHead
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.run.model_parts import ModelParts

BESIDE, TABLE = "beside", "table"


class RunNetwork(nn.Module):
    """`vertikit.contracts.Network` of a run: inputs in order -> raw outputs [N, K] and, of a blend that is a graph, its
    answers [N, A]."""

    def __init__(self, parts: ModelParts, *, alone: bool) -> None:
        """With `alone` the blend is left out. UsageError where something of the model is no graph, saying what."""
        super().__init__()
        assembled = parts.assembled
        backbone = next(iter(assembled.backbones.values()))
        if not isinstance(backbone, PortableBackbone):
            raise UsageError(
                f"backbone {backbone.info.name!r} has no form that can leave the kit.",
                "Take a run on another backbone.",
            )
        self.name = backbone.info.name
        self.graph = backbone.graph()
        self.part = backbone.module.get_submodule(self.graph.part) if self.graph.part else backbone.module
        self._outlet = backbone.outlet(len(assembled.bindings))
        self._model = assembled.model.heads_alone()
        head = assembled.head
        if isinstance(head, PortableHead):
            self._head: Any = head.graph_module()
        elif isinstance(head, FittedHead):
            raise UsageError(
                f"the head of this run ({type(head).__name__}) has no form that can leave the kit.",
                "Train with another: --set head=NAME",
            )
        else:
            self._head = head
        self._merged = head.merged
        self.inputs: dict[str, Tensor] = dict(self._outlet.inputs)
        self.flexible = {name: dict(sizes) for name, sizes in self._outlet.flexible.items()}
        rows = next(
            (
                len(self.inputs[name])
                for name, sizes in self.flexible.items()
                if sizes.get(0) == "rows" and name in self.inputs
            ),
            2,
        )
        if assembled.beside is not None:
            self._add(BESIDE, torch.zeros(rows, assembled.beside.width))
        self.outputs: tuple[str, ...] = ("raw",)
        self._blend: nn.Module | None = None
        beside = None if alone or parts.blend is None else parts.blend.baseline
        if isinstance(beside, PortableBaseline):
            found = beside.graph_module(assembled.outcome.labels)
            if found is not None:
                self._blend, width = found
                self._add(TABLE, torch.zeros(rows, width, dtype=torch.float64))
                self.outputs = ("raw", "blend")
        self.eval().cpu()

    def _add(self, name: str, example: Tensor) -> None:
        self.inputs[name] = example
        self.flexible[name] = {0: "rows"}

    @property
    def told(self) -> str:
        """How inputs are made that only the kit reads, in words."""
        return self._outlet.told

    def fed(self, batches: Sequence[Any]) -> dict[str, Tensor]:
        """Batches of `Items.collate`, one a binding -> inputs."""
        assert self._outlet.fed is not None
        return dict(self._outlet.fed(batches))

    def before(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Inputs in order -> arguments of the part."""
        return self._outlet.before(dict(zip(self.inputs, inputs, strict=True)))

    def after(self, tensors: Sequence[Tensor], *inputs: Tensor) -> tuple[Tensor, ...]:
        """What the part gives as tensors, and the inputs in order -> outputs."""
        given = dict(zip(self.inputs, inputs, strict=True))
        found = self._outlet.after(tensors, given)
        pooled = self._model.together([each.pooled for each in found], given.get(BESIDE))
        features = replace(found[0], pooled=pooled) if len(found) == 1 else Features(pooled)
        raw = self._head(features)
        raw = self._merged(raw) if raw.dim() == 3 else raw
        return (raw,) if self._blend is None else (raw, self._blend(given[TABLE]))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """All of it."""
        return self.after(self.graph.tensors(self.part(*self.before(*inputs))), *inputs)
