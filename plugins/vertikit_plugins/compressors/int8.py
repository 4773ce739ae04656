"""Weights and arithmetic of eight bits, by onnxruntime's quantiser."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import nn

from vertikit import UsageError, VertikitError
from vertikit.contracts import Backbone, Graph, Items
from vertikit_plugins.compressors.graphs import part_of, runs
from vertikit_plugins.compressors.onnx import Onnx
from vertikit_plugins.compressors.per_token import quantise_products

if TYPE_CHECKING:
    from vertikit.examples import Indices

AT_ONCE = 16
"""Calibration rows in a batch."""


class Int8(Onnx):
    """Matrices, convolutions and embeddings in eight bits (Jacob et al. 2018, arXiv:1712.05877).

    Args:
        mode: "dynamic" scales what flows between layers anew for each token or row; "static" by what calibration rows
            show, and convolutions with it; "auto" is static where there are convolutions.
        rows: training rows that static scales are learnt on.
        seven: whether weights take seven of the bits, so that processors without instructions for eight give the same.
    """

    ladder: Sequence[Mapping[str, Any]] = ({},)

    def __init__(
        self, *, mode: Literal["auto", "dynamic", "static"] = "auto", rows: int = 128, seven: bool = True
    ) -> None:
        if rows < 8:
            raise UsageError(f"compress.steps: int8 learns no scales from {rows} rows.", "Take 128.")
        self._mode, self._rows, self._seven = mode, rows, seven

    def change(self, backbone: Backbone, graph: Graph, items: Items, rows: Indices, file: Path) -> str:
        """Quantise the graph in its file."""
        from onnxruntime import quantization

        part = part_of(backbone, graph)
        folded = any(isinstance(each, nn.Conv1d | nn.Conv2d | nn.Conv3d) for each in part.modules())
        static = self._mode == "static" or (self._mode == "auto" and folded)
        before, prepared = file.with_suffix(".float.onnx"), file.with_suffix(".prepared.onnx")
        file.rename(before)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantization.quant_pre_process(str(before), str(prepared), skip_symbolic_shape=True)
            if static:
                self._with_learnt_scales(backbone, graph, items, rows, prepared, file)
            else:
                self._with_scales_of_rows(prepared, file)
        if not runs(graph, file):
            raise VertikitError(
                f"the graph of backbone {backbone.info.name!r} does not run in eight bits.",
                "Take the step onnx, which leaves it in float32.",
            )
        _fused(file)
        before.unlink()
        prepared.unlink()
        how = (
            f"scales learnt on {min(self._rows, len(rows)):,} training rows"
            if static
            else "a scale for each token"
        )
        return f"eight bits, {how}, run by onnxruntime"

    def _with_learnt_scales(
        self, backbone: Backbone, graph: Graph, items: Items, rows: Indices, prepared: Path, file: Path
    ) -> None:
        from onnxruntime import quantization

        # A scale for each output of a matrix is nearer, and not to be had for stacks of matrices.
        for finely in (True, False):
            seen = _Calibration(_inputs(backbone, graph, items, rows[: self._rows]))
            quantization.quantize_static(
                str(prepared), str(file), seen, op_types_to_quantize=["Conv", "MatMul", "Gemm"],
                per_channel=finely, reduce_range=self._seven,
            )  # fmt: skip
            if runs(graph, file):
                return

    def _with_scales_of_rows(self, prepared: Path, file: Path) -> None:
        import onnx
        from onnxruntime import quantization

        # Tables of embeddings first: each of their numbers is a byte, whatever is looked up.
        quantization.quantize_dynamic(str(prepared), str(file), op_types_to_quantize=["Gather"])
        model = onnx.load(str(file))
        quantise_products(model, seven=self._seven)
        onnx.save(model, str(file))


def _fused(file: Path) -> None:
    """Replace a graph by what the runtime makes of it.

    Else it might fuse other operations where the graph is part of a larger one, and the last bit of a float can decide
    which byte a number is rounded to.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    whole = file.with_suffix(".whole.onnx")
    options.optimized_model_filepath = str(whole)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    whole.replace(file)


def _inputs(
    backbone: Backbone, graph: Graph, items: Items, rows: Indices
) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
    """What comes to the part for these rows, batch by batch."""
    part = part_of(backbone, graph)
    seen: list[dict[str, np.ndarray[Any, Any]]] = []

    def look(_: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        both = dict(zip(graph.inputs, given, strict=False)) | named
        seen.append({key: both[key].cpu().numpy() for key in graph.inputs})

    watching = part.register_forward_pre_hook(look, with_kwargs=True)
    try:
        for start in range(0, len(rows), AT_ONCE):
            with torch.inference_mode():
                backbone.module(**items.collate(rows[start : start + AT_ONCE]))
            yield from seen
            seen.clear()
    finally:
        watching.remove()


class _Calibration:
    """What onnxruntime calls a calibration data reader."""

    def __init__(self, batches: Iterator[dict[str, np.ndarray[Any, Any]]]) -> None:
        self._batches = batches

    def get_next(self) -> dict[str, np.ndarray[Any, Any]] | None:
        return next(self._batches, None)
