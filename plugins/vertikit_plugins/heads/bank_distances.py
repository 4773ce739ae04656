"""The distances of patches to a memory bank, as a graph of tensors."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vertikit.contracts import Features


class BankDistances(nn.Module):
    """What `vertikit_plugins.heads.memory_bank.MemoryBank` gives; for its arguments see there."""

    bank: Tensor
    spread: Tensor

    def __init__(
        self, bank: NDArray[Any], spread: NDArray[Any], *, around: int, places: bool, neighbours: int
    ) -> None:
        super().__init__()
        self.register_buffer("bank", torch.from_numpy(bank))
        self.register_buffer("spread", torch.from_numpy(spread))
        self._around, self._places = around, places
        self._neighbours = min(neighbours, len(bank))

    def forward(self, features: Features) -> Tensor:
        """How odd each picture is [B, 1]."""
        assert features.tokens is not None
        maps = features.tokens.permute(0, 3, 1, 2)
        if self._around > 1:
            maps = functional.avg_pool2d(maps, self._around, 1, self._around // 2)
        if self._places:
            rows, columns = (torch.linspace(0, 1, size) for size in maps.shape[2:])
            grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))
            maps = torch.cat([maps, grid.expand(len(maps), -1, -1, -1)], dim=1)
        patches = maps.flatten(2).transpose(1, 2) / self.spread  # [B, P, D]
        apart, nearest = self._squares(patches).min(dim=2)
        score, place = apart.clamp(min=0).sqrt().max(dim=1)
        if self._neighbours < 2:
            return score.unsqueeze(1)
        at = place[:, None, None].expand(-1, 1, patches.shape[2])
        own = patches.gather(1, at)  # [B, 1, D]
        middle = self.bank[nearest.gather(1, place[:, None])[:, 0]]  # [B, D]
        beside = self._squares(middle[:, None])[:, 0].topk(self._neighbours, dim=1, largest=False).indices
        found = (own - self.bank[beside]).square().sum(dim=2).sqrt().double()  # [B, n]
        highest = found.max(dim=1).values
        score = score.double()
        weight = 1 - (score - highest).exp() / (found - highest[:, None]).exp().sum(dim=1)
        return (score * weight.clamp(min=0)).unsqueeze(1)

    def _squares(self, patches: Tensor) -> Tensor:
        """Squared distances [B, P, D] -> [B, P, M]."""
        # In double precision: expanding the square loses the digits that near patches differ in.
        own, bank = patches.double(), self.bank.double()
        return own.square().sum(2, keepdim=True) - 2 * own @ bank.T + bank.square().sum(1)
