"""Structured pruning: whole attention heads, feed-forward units and filters are taken out, by torch-pruning."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Backbone, Graph, Items
from vertikit_plugins.compressors.graphs import graph_of, part_of, put_part
from vertikit_plugins.compressors.shapes import changed, give_sizes, sizes_of

if TYPE_CHECKING:
    from vertikit.examples import Indices

FILE = "sizes.json"
HEADS = ("num_attention_heads", "num_heads", "n_heads")
"""What attention modules call the number of their heads."""
INTO_HEADS = (
    "query", "key", "value", "q_proj", "k_proj", "v_proj", "q_lin", "k_lin", "v_lin", "query_proj", "key_proj",
    "value_proj",
)  # fmt: skip
"""What they call the matrices that lead into heads."""
LOOKED_AT = 128
"""Training rows whose features say what a unit is worth."""
AT_ONCE = 8
ROUND = 8
"""Units stay in multiples of this, which processors are quick with."""


class Prune:
    """`vertikit.contracts.Compressor` that takes out what changes the features least: the saliency of a unit is its
    weights squared times the squared gradient of the features, along random directions, summed over the group of
    weights that goes with it (LeCun, Denker and Solla 1989, Optimal brain damage; groups by Fang et al. 2023,
    arXiv:2301.12900).

    Args:
        share: of the units and filters that are taken out.
        heads: share of the attention heads that are; null: as many.
    """

    trains = True
    last = False
    ladder: Sequence[Mapping[str, Any]] = ({"share": 0.25}, {"share": 0.5}, {"share": 0.7})

    def __init__(self, *, share: float = 0.5, heads: float | None = None) -> None:
        for name, value in (("share", share), ("heads", heads)):
            if value is not None and not 0 <= value < 1:
                raise UsageError(
                    f"compress.steps: prune.{name} is from 0 to below 1, not {value:g}.", "Take 0.5."
                )
        self._share = share
        self._heads = share if heads is None else heads
        self._sizes: dict[str, dict[str, Any]] = {}

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:
        """Prune, heads too where the encoder still works without them; what is left has the same width of features."""
        graph = graph_of(backbone)
        before = sizes_of(backbone.module)
        counted = _parameters(backbone.module)
        whole = copy.deepcopy(part_of(backbone, graph))
        for heads in dict.fromkeys((self._heads, 0.0)):
            with warnings.catch_warnings():
                # On parameters that are of no layer it knows; that all fits is checked below.
                warnings.simplefilter("ignore")
                _prune(backbone, graph, items, rows, self._share, heads)
            if _works(backbone, graph, whole):
                break
            put_part(backbone, graph, copy.deepcopy(whole))
        self._sizes = changed(before, sizes_of(backbone.module))
        left = _parameters(backbone.module)
        if not self._sizes:
            raise UsageError(
                f"compress.steps: nothing can be taken out of {backbone.info.name!r} without changing its width.",
                "Take another step.",
            )
        # Through plain numbers, since pruning by gradients leaves some behind.
        backbone.module.zero_grad(set_to_none=True)
        what = f"{self._share:.0%} of the units" + (f" and {heads:.0%} of the heads" if heads else "")
        return f"{what} taken out, {left / counted:.0%} of the parameters left"

    def save(self, backbone: Backbone, folder: Path) -> None:  # noqa: ARG002
        """The sizes of what was pruned."""
        (folder / FILE).write_text(json.dumps(self._sizes), encoding="utf-8")

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """Modules of those sizes, to be filled."""
        self._sizes = json.loads((folder / FILE).read_text(encoding="utf-8"))
        give_sizes(backbone.module, self._sizes)


def _prune(backbone: Backbone, graph: Graph, items: Items, rows: Indices, share: float, heads: float) -> None:
    import torch_pruning as tp

    part = part_of(backbone, graph)
    for each in part.parameters():
        each.requires_grad_(True)
    example = {name: value.clone() for name, value in graph.inputs.items()}
    attending = _attention(part)
    counts = {matrix: count for _, matrices, count in attending for matrix in matrices}
    importance = tp.importance.GroupHessianImportance()
    with torch.enable_grad():
        pruner = tp.pruner.BasePruner(
            part, list(example.values()), importance, pruning_ratio=share, round_to=ROUND,
            ignored_layers=_fixed(part, graph) + (list(counts) if not heads else []),
            num_heads=counts if heads else {}, prune_num_heads=heads > 0, head_pruning_ratio=heads,
            pruning_ratio_dict=dict.fromkeys(counts, heads) if heads else {}, prune_head_dims=False,
            root_module_types=[nn.Linear, nn.modules.conv._ConvNd],
            output_transform=graph.tensors,
        )  # fmt: skip
        importance.zero_grad()
        generator = torch.Generator().manual_seed(0)
        for start in range(0, min(len(rows), LOOKED_AT), AT_ONCE):
            part.zero_grad()
            pooled: Tensor = backbone.module(**items.collate(rows[start : start + AT_ONCE])).pooled
            torch.autograd.backward((pooled * torch.randn(pooled.shape, generator=generator)).sum())
            importance.accumulate_grad(part)
        pruner.step()
    for module, matrices, _ in attending:
        if heads:
            count = pruner.num_heads[matrices[0]]
            for name in HEADS:
                if isinstance(module.__dict__.get(name), int):
                    setattr(module, name, int(count))
            for name in ("all_head_size", "inner_dim"):
                if isinstance(module.__dict__.get(name), int):
                    setattr(module, name, matrices[0].out_features)


def _attention(part: nn.Module) -> list[tuple[nn.Module, list[nn.Linear], int]]:
    """Every attention module, its matrices that lead into heads, and how many heads these are."""
    found = []
    for module in part.modules():
        matrices = [
            each
            for name, each in module.named_children()
            if name in INTO_HEADS and isinstance(each, nn.Linear)
        ]
        count = next(
            (module.__dict__[name] for name in HEADS if isinstance(module.__dict__.get(name), int)), 0
        )
        if matrices and count:
            found.append((module, matrices, count))
    return found


def _fixed(part: nn.Module, graph: Graph) -> list[nn.Module]:
    """Modules whose width is that of the features, or of what is added to them: these stay."""
    import torch_pruning as tp

    whole = copy.deepcopy(part)
    names = {module: name for name, module in whole.named_modules()}
    found: set[str] = set()
    dependencies = tp.DependencyGraph().build_dependency(
        whole, example_inputs=list(graph.inputs.values()), output_transform=graph.tensors
    )
    ends = {module for module, node in dependencies.module2node.items() if not node.outputs}
    kinds = [nn.Linear, nn.modules.conv._ConvNd]
    for group in dependencies.get_all_groups(root_module_types=kinds):
        widths = [
            each.dep.target.module
            for each in group
            if dependencies.is_out_channel_pruning_fn(each.dep.handler)
        ]
        if any(module in ends or isinstance(module, nn.Embedding) for module in widths):
            found |= {names[module] for module in widths if module in names}
    own = dict(part.named_modules())
    return [
        own[name] for name in sorted(found) if isinstance(own[name], (nn.Linear, nn.modules.conv._ConvNd))
    ]


def _works(backbone: Backbone, graph: Graph, whole: nn.Module) -> bool:
    """Whether the part still gives tensors of the shapes that the whole one gives."""
    example = tuple(graph.inputs.values())
    try:
        with torch.inference_mode():
            wanted = [each.shape for each in graph.tensors(whole.eval()(*example))]
            found = [each.shape for each in graph.tensors(part_of(backbone, graph).eval()(*example))]
    except (RuntimeError, IndexError, ValueError, TypeError):
        return False
    return wanted == found


def _parameters(module: nn.Module) -> int:
    return int(np.sum([each.numel() for each in module.parameters()]))
