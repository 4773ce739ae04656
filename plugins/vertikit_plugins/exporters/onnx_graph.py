"""A graph of ONNX."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from vertikit.contracts import Network, Portable
from vertikit_plugins.compressors.graphs import GraphPart, quiet
from vertikit_plugins.exporters.joining import joined
from vertikit_plugins.exporters.torch_program import dynamic, no_graph


class OnnxGraph:
    """`vertikit.contracts.Exporter` to model.onnx, for onnxruntime and others."""

    runner = Portable(("vertikit_plugins.portable.run_onnx",), packages=("onnxruntime",))

    def write(self, network: Network, folder: Path) -> None:
        """Write model.onnx. An encoder that is a graph already stays the one it is, with the rest around it."""
        import onnx

        file = folder / "model.onnx"
        if not isinstance(network.part, GraphPart):
            assert isinstance(network, nn.Module)
            _write(network, network, network.inputs, network.flexible, network.outputs, file)
            return
        middle = onnx.load(str(network.part.file))
        before, after = folder / "before.onnx", folder / "after.onnx"
        arguments = list(network.graph.inputs)
        _write(
            network, _Before(network), network.inputs, network.flexible,
            [f"to_{name}" for name in arguments], before,
        )  # fmt: skip
        example = network.before(*network.inputs.values())
        tensors = network.graph.tensors(network.part(*example))
        names = [f"from_{at}" for at in range(len(tensors))]
        rows = next(iter(network.graph.flexible.values()))[0]
        flexible = {name: {0: rows} for name in names}
        for name, tensor in zip(names, tensors, strict=True):
            if tensor.dim() == 3:
                flexible[name][1] = "length"
        inputs = {**dict(zip(names, tensors, strict=True)), **network.inputs}
        _write(
            network, _After(network, len(names)), inputs, {**flexible, **network.flexible}, network.outputs, after
        )  # fmt: skip
        whole = joined(onnx.load(str(before)), middle, {name: f"to_{name}" for name in arguments}, "encoder")
        outputs = [each.name for each in middle.graph.output]
        given = {name: f"encoder/{own}" for name, own in zip(names, outputs, strict=True)}
        whole = joined(whole, onnx.load(str(after)), given, "head")
        onnx.save(whole, str(file))
        before.unlink()
        after.unlink()
        onnx.checker.check_model(str(file))


class _Before(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(each.clone() for each in self._network.before(*inputs))


class _After(nn.Module):
    def __init__(self, network: Network, tensors: int) -> None:
        super().__init__()
        self._network, self._tensors = network, tensors

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        return self._network.after(given[: self._tensors], *given[self._tensors :])


def _write(
    network: Network,
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    flexible: Mapping[str, Mapping[int, str]],
    outputs: Sequence[str],
    file: Path,
) -> None:
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), quiet(), torch.no_grad():
            warnings.simplefilter("ignore")
            written = torch.onnx.export(
                module, tuple(inputs.values()), dynamo=True, dynamic_shapes=dynamic(inputs, flexible),
                input_names=list(inputs), output_names=list(outputs), verbose=False,
            )  # fmt: skip
            assert written is not None
            written.save(str(file), external_data=False)
    except Exception as error:
        raise no_graph(network.name, error) from error
