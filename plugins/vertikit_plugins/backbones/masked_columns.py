"""Masked columns: some cells of a row hold another row's value, and the encoder tells what they were (Yoon et al. 2020,
VIME, NeurIPS 33; Bahri et al. 2022, arXiv:2106.15147)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SHARE = 0.3
"""Of the cells of a row that are exchanged."""


class MaskedColumns(nn.Module):
    """What exchanged cells held: a number by its distance (Huber's), a category by its cross-entropy.

    Args:
        width: D. numbers: how many columns of them. cardinalities: categories of each other column.
    """

    def __init__(self, width: int, numbers: int, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.numbers = nn.Linear(width, numbers) if numbers else None
        self.categories = nn.ModuleList(nn.Linear(width, size) for size in cardinalities)

    def forward(self, encoder: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        """numbers [B, F], NaN where missing, and codes [B, C] -> losses [B]."""
        numbers, codes = batch["numbers"], batch["codes"]
        hidden_numbers, other_numbers = _exchanged(numbers)
        hidden_codes, other_codes = _exchanged(codes)
        pooled: Tensor = encoder(numbers=other_numbers, codes=other_codes).pooled
        members = pooled if pooled.dim() == 3 else pooled[:, None]
        total, count = members.new_zeros(len(members)), members.new_zeros(len(members))
        if self.numbers is not None:
            asked = hidden_numbers & ~numbers.isnan()
            truth = numbers.nan_to_num(0.0)[:, None].expand(-1, members.shape[1], -1)
            each = functional.huber_loss(self.numbers(members), truth, reduction="none").mean(dim=1)
            total, count = total + (each * asked).sum(dim=1), count + asked.sum(dim=1)
        for at, guess in enumerate(self.categories):
            scores = guess(members).flatten(0, 1)
            truth = codes[:, at].repeat_interleave(members.shape[1])
            each = (
                functional.cross_entropy(scores, truth, reduction="none").view(len(members), -1).mean(dim=1)
            )
            total, count = total + each * hidden_codes[:, at], count + hidden_codes[:, at]
        return total / count.clamp(min=1)


def _exchanged(cells: Tensor) -> tuple[Tensor, Tensor]:
    """(which cells [B, F] are exchanged, the cells with another row's value there)."""
    if not cells.numel():
        return torch.zeros_like(cells, dtype=torch.bool), cells
    hidden = torch.rand(cells.shape, device=cells.device) < SHARE
    order = torch.rand(cells.shape, device=cells.device).argsort(dim=0)
    return hidden, torch.where(hidden, cells.gather(0, order), cells)
