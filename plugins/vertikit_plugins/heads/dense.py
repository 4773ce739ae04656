"""One dense layer over standardised features: what the heads of classes and of numbers share."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from vertikit.contracts import Features

Scaling = Literal["overall", "each", "none"]


class DenseHead(nn.Module):
    """Features -> raw outputs.

    Args:
        width: D, of the features. outputs: how many raw outputs there are.
        dropout: share of features set to zero in training.
        standardise: "overall" centres the features by the training rows and divides all by one spread, which
            keeps the encoder's geometry; "each" divides every feature by its own; "none" takes them as they are.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int, outputs: int, *, dropout: float, standardise: Scaling) -> None:
        super().__init__()
        self.standardise = standardise
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, outputs)
        # Zero outputs at the start: every answer equally likely, whatever the seed.
        nn.init.zeros_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def fit(self, pooled: Tensor) -> None:
        """Centre and scale of the features of training rows [n, D]."""
        if self.standardise == "none" or len(pooled) < 2:
            return
        self.mean.copy_(pooled.mean(0))
        spread = pooled.std(0)
        if self.standardise == "overall":
            spread = spread.square().mean().sqrt().expand_as(spread)
        # A constant feature is left as it is rather than blown up.
        self.scale.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, K], or [B, M, K] of features with members."""
        pooled = (features.pooled - self.mean) / self.scale
        raw: Tensor = self.dense(self.dropout(pooled))
        return raw
