"""One of K classes, by one dense layer over standardised features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from vertikit.contracts import Features

Scaling = Literal["overall", "each", "none"]


class SoftmaxHead(nn.Module):
    """Multinomial logistic regression on the pooled features.

    Args:
        width: D, of the features.
        labels: K classes, in the order of the outputs.
        dropout: share of features set to zero in training.
        standardise: "overall" centres the features by the training rows and divides all by one spread, which
            keeps the encoder's geometry; "each" divides every feature by its own; "none" takes them as they are.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self, width: int, labels: tuple[str, ...], *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__()
        self.labels = labels
        self.standardise = standardise
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, len(labels))
        # Zero outputs at the start: every class equally likely, whatever the seed.
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
        """Logits [B, K], or [B, M, K] of features with members."""
        pooled = (features.pooled - self.mean) / self.scale
        logits: Tensor = self.dense(self.dropout(pooled))
        return logits

    def merged(self, raw: Tensor) -> Tensor:
        """Outputs [B, M, K] of members -> log of their mean probability [B, K]."""
        members = torch.log_softmax(raw, dim=-1)
        return torch.logsumexp(members, dim=1) - math.log(raw.shape[1])

    def encode(self, values: Sequence[str]) -> Tensor:
        """Class indices [N]; ValueError for a label that is none of the classes."""
        position = {label: index for index, label in enumerate(self.labels)}
        unknown = sorted({value for value in values if value not in position})
        if unknown:
            raise ValueError(f"label {unknown[0]!r} is none of the classes")
        return torch.tensor([position[value] for value in values], dtype=torch.long)

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax of the logits [N, K]."""
        result: NDArray[np.float64] = softmax(raw, axis=1)
        return result
