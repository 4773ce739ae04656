"""Matrices as products of two thin ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Backbone, Items

if TYPE_CHECKING:
    from vertikit.examples import Indices

FILE = "ranks.json"
SMALLEST = 32
"""Sides of a matrix below which factors would save nothing worth an operation."""
LOOKED_AT = 256
"""Training rows whose inputs say which directions of a matrix matter."""
AT_ONCE = 16


class LowRank:
    """`vertikit.contracts.Compressor`: the best approximation of a matrix on the inputs that it really gets, by a
    singular value decomposition of W L with L L' their second moments (Chen et al. 2021, DRONE; Wang et al. 2024,
    arXiv:2403.07378).

    Args:
        share: of the parameters of each matrix that stay.
    """

    trains = True
    last = False
    ladder: Sequence[Mapping[str, Any]] = ({"share": 0.6}, {"share": 0.4}, {"share": 0.25})

    def __init__(self, *, share: float = 0.5) -> None:
        if not 0 < share < 1:
            raise UsageError(f"compress.steps: lowrank.share is between 0 and 1, not {share:g}.", "Take 0.5.")
        self._share = share
        self._ranks: dict[str, int] = {}

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:
        """Factor every matrix that is large enough."""
        chosen = {
            name: each
            for name, each in backbone.module.named_modules()
            if type(each) is nn.Linear and min(each.in_features, each.out_features) >= SMALLEST
        }
        if not chosen:
            raise UsageError(
                f"compress.steps: {backbone.info.name!r} has no matrix of {SMALLEST} x {SMALLEST} or more to factor.",
                "Take another step.",
            )
        moments = _moments(backbone, items, rows[:LOOKED_AT], chosen)
        before = after = 0
        for name, matrix in chosen.items():
            whole = matrix.in_features * matrix.out_features
            rank = max(1, int(self._share * whole / (matrix.in_features + matrix.out_features)))
            put(backbone.module, name, _factored(matrix, rank, moments[name]))
            self._ranks[name] = rank
            before += whole
            after += rank * (matrix.in_features + matrix.out_features)
        return f"{len(chosen)} matrices as products of two, with {after / before:.0%} of their parameters"

    def save(self, backbone: Backbone, folder: Path) -> None:  # noqa: ARG002
        """The rank of every matrix."""
        (folder / FILE).write_text(json.dumps(self._ranks), encoding="utf-8")

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """Factors of those ranks, to be filled."""
        self._ranks = json.loads((folder / FILE).read_text(encoding="utf-8"))
        for name, rank in self._ranks.items():
            matrix = backbone.module.get_submodule(name)
            assert isinstance(matrix, nn.Linear)
            put(backbone.module, name, Factors(matrix, rank))


class Factors(nn.Sequential):
    """Two linear layers in the place of one."""

    def __init__(self, matrix: nn.Linear, rank: int) -> None:
        super().__init__(
            nn.Linear(matrix.in_features, rank, bias=False),
            nn.Linear(rank, matrix.out_features, bias=matrix.bias is not None),
        )


def put(module: nn.Module, name: str, part: nn.Module) -> None:
    """Another submodule under that dotted name."""
    holder, _, own = name.rpartition(".")
    setattr(module.get_submodule(holder), own, part)


@torch.no_grad()
def _factored(matrix: nn.Linear, rank: int, moment: Tensor) -> Factors:
    weight = matrix.weight.double()
    some = moment.diagonal().mean().clamp(min=1e-12)
    lower = torch.linalg.cholesky(moment + 1e-3 * some * torch.eye(len(moment), dtype=torch.float64))
    left, values, right = torch.linalg.svd(weight @ lower, full_matrices=False)
    inner = torch.linalg.solve_triangular(lower, right[:rank], upper=False, left=False)
    found = Factors(matrix, rank)
    first, second = found
    assert isinstance(first, nn.Linear)
    assert isinstance(second, nn.Linear)
    root = values[:rank].sqrt()
    first.weight.copy_(root[:, None] * inner)
    second.weight.copy_(left[:, :rank] * root)
    if matrix.bias is not None:
        second.bias.copy_(matrix.bias)
    return found


def _moments(
    backbone: Backbone, items: Items, rows: Indices, chosen: Mapping[str, nn.Linear]
) -> dict[str, Tensor]:
    """Name of a matrix -> second moments [in, in] of what comes to it, over these rows."""
    found = {
        name: torch.zeros(each.in_features, each.in_features, dtype=torch.float64)
        for name, each in chosen.items()
    }
    watching = []
    for name, each in chosen.items():

        def look(_: nn.Module, given: tuple[Tensor, ...], name: str = name) -> None:
            seen = given[0].detach().flatten(0, -2).double().cpu()
            found[name] += seen.T @ seen

        watching.append(each.register_forward_pre_hook(look))
    device = next(backbone.module.parameters()).device
    try:
        for start in range(0, len(rows), AT_ONCE):
            batch = {
                key: value.to(device) for key, value in items.collate(rows[start : start + AT_ONCE]).items()
            }
            with torch.inference_mode():
                backbone.module(**batch)
    finally:
        for handle in watching:
            handle.remove()
    return found
