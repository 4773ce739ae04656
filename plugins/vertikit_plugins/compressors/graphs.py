"""The graph of an encoder in ONNX, and an encoder whose graph onnxruntime runs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vertikit import UsageError, VertikitError
from vertikit.contracts import Backbone, Graph, GraphBackbone, Hold

FILE = "encoder.onnx"
FAR = 1e-3
"""Difference, beside the largest output, from which a graph is not the encoder that it was written from."""


def graph_of(backbone: Backbone) -> Graph:
    """Of an encoder that has one; UsageError where it has none."""
    if not isinstance(backbone, GraphBackbone):
        raise UsageError(
            f"backbone {backbone.info.name!r} cannot be written as a graph, so there is nothing to make smaller.",
            "Take a run on another backbone.",
        )
    if any(isinstance(each, GraphPart) for each in backbone.module.modules()):
        raise UsageError(
            f"backbone {backbone.info.name!r} is a graph already.", "Name one such step, the last."
        )
    return backbone.graph()


def part_of(backbone: Backbone, graph: Graph) -> nn.Module:
    """The module that the graph is of."""
    return backbone.module.get_submodule(graph.part)


def put_part(backbone: Backbone, graph: Graph, part: nn.Module) -> None:
    """Another module in its place."""
    if not graph.part:
        backbone.module = part
        return
    holder, _, name = graph.part.rpartition(".")
    setattr(backbone.module.get_submodule(holder), name, part)


class _Tensors(nn.Module):
    """The part with tensors in and tensors out."""

    def __init__(self, part: nn.Module, graph: Graph) -> None:
        super().__init__()
        self.part, self._graph = part, graph

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return self._graph.tensors(self.part(*inputs))


class GraphPart(nn.Module):
    """A part of an encoder that onnxruntime runs: called as the part was, on the processor; it has no gradients."""

    def __init__(self, graph: Graph, file: Path) -> None:
        """`file` is read at first use, and must stay."""
        super().__init__()
        self._graph, self.file = graph, file
        self._session: Any = None
        data = file.read_bytes()
        self.graph_bytes = len(data)
        self.graph_sha256 = hashlib.sha256(data).hexdigest()
        self._held: Any = None

    def forward(self, *inputs: Tensor, **named: Tensor) -> Any:
        given = dict(zip(self._graph.inputs, inputs, strict=False)) | named
        device = next(iter(given.values())).device
        found = self.run({name: given[name].cpu().numpy() for name in self._graph.inputs})
        return self._graph.given([torch.from_numpy(each).to(device) for each in found])

    def run(self, given: dict[str, np.ndarray[Any, Any]]) -> Sequence[np.ndarray[Any, Any]]:
        """Arrays by input -> arrays."""
        self.open()
        wanted = [each.name for each in self._session.get_inputs()]
        result: Sequence[np.ndarray[Any, Any]] = self._session.run(
            None, {name: given[name] for name in wanted}
        )
        return result

    def open(self) -> Any:
        """The session, begun at first use."""
        if self._session is None:
            self._session = session(self.file)
        return self._session

    def share(self, hold: Hold) -> None:
        """The session, with others of the same graph."""
        self._session = hold(f"graph {self.graph_sha256}", self.open())

    def keep(self, folder: tempfile.TemporaryDirectory[str]) -> GraphPart:
        """Hold a folder that lasts as long as this; itself."""
        self._held = folder
        return self


def session(file: Path) -> Any:
    """An onnxruntime session on the processor, with as many threads as torch has."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class of its own for each thing that is wrong
        raise VertikitError(
            f"{file}: is no graph that can be run: {_brief(error)}", "Copy the run again, or make it again."
        ) from error


def write_graph(backbone: Backbone, graph: Graph, file: Path) -> None:
    """Write the part as ONNX, in float32, and check it on the example; VertikitError where it cannot be written."""
    part = _Tensors(part_of(backbone, graph), graph).eval().cpu()
    sizes: dict[str, Any] = {}
    dimensions = tuple(
        {
            at: sizes.setdefault(name, torch.export.Dim(name))
            for at, name in graph.flexible.get(key, {}).items()
        }
        for key in graph.inputs
    )
    example = tuple(graph.inputs.values())
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            quiet(),
            torch.inference_mode(),
        ):
            warnings.simplefilter("ignore")
            written = torch.onnx.export(
                part, example, dynamo=True, dynamic_shapes=(dimensions,), input_names=list(graph.inputs),
                verbose=False,
            )  # fmt: skip
            assert written is not None
            written.save(str(file), external_data=False)
    except Exception as error:
        raise VertikitError(
            f"backbone {backbone.info.name!r} cannot be written as a graph: {_brief(error)}",
            "Leave that step out, or take a run on another backbone.",
        ) from error
    with torch.inference_mode():
        wanted = [each.numpy() for each in part(*example)]
    found = GraphPart(graph, file).run({key: value.numpy() for key, value in graph.inputs.items()})
    for one, other in zip(wanted, found, strict=True):
        far = float(np.abs(one - other).max(initial=0.0)) / max(1e-6, float(np.abs(one).max(initial=0.0)))
        if not far < FAR:
            raise VertikitError(
                f"the graph of backbone {backbone.info.name!r} answers otherwise than the encoder, by {far:.1%}.",
                "Leave that step out, and tell the authors.",
            )


def runs(graph: Graph, file: Path) -> bool:
    """Whether a graph answers the example, with numbers."""
    try:
        found = GraphPart(graph, file).run({key: value.numpy() for key, value in graph.inputs.items()})
    except Exception:  # onnxruntime has a class of its own for each thing that is wrong
        return False
    return all(bool(np.isfinite(each).all()) for each in found)


@contextlib.contextmanager
def quiet() -> Any:
    """The exporter logs what it tries."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


def _brief(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".") + "."
