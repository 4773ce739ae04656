"""Fewer layers: those nearest to the output are cut off."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from vertikit import UsageError
from vertikit.contracts import Backbone, Items
from vertikit_plugins.compressors.graphs import graph_of, part_of

if TYPE_CHECKING:
    from vertikit.examples import Indices

FILE = "layers.json"


class Layers:
    """`vertikit.contracts.Compressor` that keeps the lowest layers (Sajjad et al. 2023, arXiv:2004.03844).

    Args:
        keep: how many, or, below 1, which share of them.
    """

    trains = True
    last = False
    ladder: Sequence[Mapping[str, Any]] = ({"keep": 0.67}, {"keep": 0.5}, {"keep": 0.34})

    def __init__(self, *, keep: float = 0.5) -> None:
        if not 0 < keep < math.inf or (keep >= 1 and keep != int(keep)):
            raise UsageError(
                f"compress.steps: layers.keep is a count or a share, not {keep:g}.", "Take 0.5, say, or 3."
            )
        self._keep, self._kept = keep, 0

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:  # noqa: ARG002
        """Cut, and see that what is left still gives features of the same width."""
        whole = len(backbone.blocks()) - 1
        kept = int(self._keep) if self._keep >= 1 else max(1, round(self._keep * whole))
        if whole < 2 or kept >= whole:
            raise UsageError(
                f"compress.steps: of the {whole} layers of {backbone.info.name!r}, {kept} cannot be kept as fewer.",
                "Take another step." if whole < 2 else f"Keep {whole - 1} or less.",
            )
        cut(backbone, kept)
        _check(backbone)
        self._kept = kept
        return f"{kept} of {whole} layers"

    def save(self, backbone: Backbone, folder: Path) -> None:  # noqa: ARG002
        """How many."""
        (folder / FILE).write_text(json.dumps({"layers": self._kept}), encoding="utf-8")

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """Cut again."""
        self._kept = int(json.loads((folder / FILE).read_text(encoding="utf-8"))["layers"])
        cut(backbone, self._kept)


def cut(backbone: Backbone, kept: int) -> None:
    """Leave the lowest `kept` layers in place; UsageError where they are not held by one list."""
    layers = backbone.blocks()[1:]
    holder = next(
        (
            each
            for each in backbone.module.modules()
            if isinstance(each, nn.ModuleList | nn.Sequential)
            and len(each) == len(layers)
            and all(one is other for one, other in zip(each, layers, strict=True))
        ),
        None,
    )
    if holder is None:
        raise UsageError(
            f"compress.steps: the layers of {backbone.info.name!r} do not stand in one list, and cannot be cut.",
            "Take another step, such as prune.",
        )
    del holder[kept:]
    for module in backbone.module.modules():
        config = getattr(module, "config", None)
        for name in ("num_hidden_layers", "n_layers", "num_layers"):
            if isinstance(getattr(config, name, None), int):
                setattr(config, name, kept)
    backbone.info = replace(backbone.info, layers=kept)


def _check(backbone: Backbone) -> None:
    graph = graph_of(backbone)
    try:
        with torch.inference_mode():
            graph.tensors(part_of(backbone, graph)(*graph.inputs.values()))
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        raise UsageError(
            f"compress.steps: {backbone.info.name!r} does not work with fewer layers, which differ in width.",
            "Take another step, such as prune.",
        ) from error
