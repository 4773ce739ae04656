"""What an exporter has to keep to (`vertikit.contracts.Exporter`)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vertikit.testing.check import check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.portable import check_imports
from vertikit.testing.subject import Subject

WIDTH, OUTPUTS = 6, 3
NEAR = 1e-4


def _network() -> Any:
    """A network of one dense layer, as `vertikit.contracts.Network`."""
    import torch
    from torch import Tensor, nn

    from vertikit.contracts import Graph

    class Dense(nn.Module):
        outputs = ("raw",)
        name = "the kit's small network"

        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(2)
            self.part = nn.Sequential(nn.Linear(WIDTH, 8), nn.Tanh(), nn.Linear(8, OUTPUTS))
            self.inputs = {"numbers": torch.zeros(2, WIDTH)}
            self.flexible = {"numbers": {0: "rows"}}
            self.graph = Graph(
                "part",
                {"numbers": torch.zeros(2, WIDTH)},
                self.flexible,
                lambda found: (found,),
                lambda one: one[0],
            )

        def before(self, *inputs: Tensor) -> tuple[Tensor, ...]:
            return inputs

        def after(self, tensors: Sequence[Tensor], *inputs: Tensor) -> tuple[Tensor, ...]:
            del inputs
            return (tensors[0],)

        def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
            return self.after((self.part(*self.before(*inputs)),), *inputs)

    return Dense().eval()


def _written(subject: Subject) -> tuple[Any, Any, Path]:
    exporter, network = subject.make(), _network()
    exporter.write(network, subject.folder)
    return exporter, network, subject.folder


@check("exporters", "same")
def same(subject: Subject) -> None:
    """What was written gives, by its runner, the network's own outputs, for any number of rows."""
    import torch

    exporter, network, folder = _written(subject)
    expect(any(folder.iterdir()), "it writes no file")
    runner = exporter.runner
    settings = {**runner.settings, "inputs": list(network.inputs), "outputs": list(network.outputs)}
    part = importlib.import_module(runner.modules[-1]).Part(settings, dict(runner.arrays), folder)
    for rows in (1, 2, 7):
        given = np.random.default_rng(rows).normal(size=(rows, WIDTH)).astype(np.float32)
        found = part.run({"numbers": given})
        expect(set(found) == set(network.outputs), f"outputs are {', '.join(found)}")
        with torch.no_grad():
            wanted = network(torch.from_numpy(given))[0].numpy()
        right = found["raw"].shape == wanted.shape and np.abs(found["raw"] - wanted).max() <= NEAR
        expect(right, f"the outputs of {rows} rows are not those of the network")


@check("exporters", "alone")
def alone(subject: Subject) -> None:
    """The files of its runner import what is there without the kit, and nothing else."""
    check_imports(subject.make().runner)


CHECKS = (built("exporters", ("runner", "write")), same, alone, refuses("exporters"))
