"""The graph of a network that gives pooled features and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from vertikit.contracts import Features, Graph, Outlet


def pooled(found: Features) -> tuple[Tensor, ...]:
    """Features as tensors."""
    return (found.pooled,)


def of_pooled(tensors: Sequence[Tensor]) -> Features:
    """The same, back."""
    return Features(pooled=tensors[0])


def whole(graph: Graph) -> Outlet:
    """Nothing lies around such a network."""
    return Outlet(
        graph.inputs,
        graph.flexible,
        lambda inputs: tuple(inputs[name] for name in graph.inputs),
        lambda tensors, _: [of_pooled(tensors)],
    )
