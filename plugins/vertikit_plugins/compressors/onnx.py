"""The same encoder as a graph that onnxruntime runs, in float32."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import Backbone, Graph, Items
from vertikit_plugins.compressors.graphs import FILE, GraphPart, graph_of, part_of, put_part, write_graph

if TYPE_CHECKING:
    from vertikit.examples import Indices


class Onnx:
    """`vertikit.contracts.Compressor` that makes an encoder no smaller, and often quicker."""

    trains = False
    last = True
    ladder: Sequence[Mapping[str, Any]] = ()

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:
        """Write the graph, and let it stand in for the module that it is of."""
        graph = graph_of(backbone)
        held = tempfile.TemporaryDirectory(prefix="vertikit-graph-")
        folder = Path(held.name)
        write_graph(backbone, graph, folder / FILE)
        told = self.change(backbone, graph, items, rows, folder / FILE)
        put_part(backbone, graph, GraphPart(graph, folder / FILE).keep(held))
        return told

    def change(self, backbone: Backbone, graph: Graph, items: Items, rows: Indices, file: Path) -> str:  # noqa: ARG002
        """What is done to the written graph, in its file."""
        return "run by onnxruntime in float32"

    def save(self, backbone: Backbone, folder: Path) -> None:
        """The file."""
        part = next(each for each in backbone.module.modules() if isinstance(each, GraphPart))
        shutil.copyfile(part.file, folder / FILE)

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """The graph from its file, in the place of the module."""
        graph = graph_of(backbone)
        part_of(backbone, graph)
        put_part(backbone, graph, GraphPart(graph, folder / FILE))
