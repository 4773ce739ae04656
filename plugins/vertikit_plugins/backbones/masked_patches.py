"""Masked patches: stretches of a window are hidden, and the encoder tells what they were like (Nie et al. 2023,
arXiv:2211.14730, whose patches these stand for whatever the encoder's own are)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PATCHES = 16
"""Stretches of a window, whatever its length."""
SHARE = 0.4
"""Of them that are hidden, in all sensors at once: beside another sensor's reading its neighbour's is no riddle."""


class MaskedPatches(nn.Module):
    """Mean and spread of each sensor in each hidden stretch, by Huber's distance.

    Args:
        width: D. channels: sensors, C.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.guess = nn.Linear(width, 2 * channels * PATCHES)

    def forward(self, encoder: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        """readings, known [B, C, L], lengths [B] -> losses [B]."""
        readings, known, lengths = batch["readings"], batch["known"], batch["lengths"]
        places = torch.arange(readings.shape[2], device=readings.device)[None]
        patch = (places * PATCHES // lengths[:, None]).clamp(max=PATCHES - 1)
        hide = torch.rand(len(readings), PATCHES, device=readings.device) < SHARE
        left = (~hide).gather(1, patch).to(readings.dtype)[:, None]
        truth, there = _described(readings, known, patch)
        pooled: Tensor = encoder(readings=readings * left, known=known * left, lengths=lengths).pooled
        told = self.guess(pooled).view_as(truth)
        asked = (there & hide[:, None]).to(readings.dtype)[:, None]
        distance = functional.huber_loss(told, truth, reduction="none") * asked
        return distance.flatten(1).sum(dim=1) / (2 * asked.flatten(1).sum(dim=1)).clamp(min=1)


def _described(readings: Tensor, known: Tensor, patch: Tensor) -> tuple[Tensor, Tensor]:
    """(mean and spread [B, 2, C, P] of each stretch, whether [B, C, P] it has readings)."""
    where = patch[:, None].expand_as(readings)
    empty = readings.new_zeros(*readings.shape[:2], PATCHES)
    count = empty.scatter_add(2, where, known)
    mean = empty.scatter_add(2, where, readings * known) / count.clamp(min=1)
    distance = (readings - mean.gather(2, where)) * known
    spread = (empty.scatter_add(2, where, distance**2) / count.clamp(min=1)).sqrt()
    return torch.stack([mean, spread], dim=1), count > 0
