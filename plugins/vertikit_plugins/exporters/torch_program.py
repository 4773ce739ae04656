"""A program of torch.export."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vertikit import UsageError, VertikitError
from vertikit.contracts import Network, Portable
from vertikit_plugins.compressors.graphs import GraphPart


class TorchProgram:
    """`vertikit.contracts.Exporter` to model.pt2, for torch and its own compilers."""

    runner = Portable(("vertikit_plugins.portable.run_torch",), packages=("torch",))

    def write(self, network: Network, folder: Path) -> None:
        """Write model.pt2."""
        assert isinstance(network, nn.Module)
        if any(isinstance(each, GraphPart) for each in network.modules()):
            raise UsageError(
                f"the encoder of this run ({network.name}) is a graph already, which onnxruntime runs.",
                "Export it as that: --format onnx",
            )
        # How long or short it may be is found by tracing, which names of dimensions would forbid.
        shapes = (
            tuple(
                dict.fromkeys(network.flexible.get(key, {}), torch.export.Dim.DYNAMIC)
                for key in network.inputs
            ),
        )
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                program = torch.export.export(network, tuple(network.inputs.values()), dynamic_shapes=shapes)
                torch.export.save(program, str(folder / "model.pt2"))
        except Exception as error:
            raise no_graph(network.name, error) from error


def no_graph(name: str, error: Exception) -> VertikitError:
    """What a user is told of an exporter's error."""
    line = next((each for each in str(error).splitlines() if each.strip()), type(error).__name__)
    return VertikitError(
        f"the model on {name!r} cannot be written as a graph: {line[:200]}",
        "Take another backbone or head for what is to leave the kit.",
    )


def dynamic(inputs: Iterable[str], flexible: Mapping[str, Mapping[int, str]]) -> Any:
    """Which dimensions of which inputs have any size; those of one name have the same."""
    sizes: dict[str, Any] = {}
    return (
        tuple(
            {at: sizes.setdefault(name, torch.export.Dim(name)) for at, name in flexible.get(key, {}).items()}
            for key in inputs
        ),
    )
