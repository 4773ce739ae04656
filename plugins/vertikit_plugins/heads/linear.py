"""Heads that were solved outside the gradient, as graphs of tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vertikit.contracts import Features
from vertikit_plugins.logistic import Logistic

NEVER = 1e3
"""Below the lowest logit lies that of a class of which there was no example."""


class LinearOutputs(nn.Module):
    """Pooled features [B, D] -> weights x + offset in double precision [B, K]."""

    weights: Tensor
    offset: Tensor

    def __init__(self, weights: Tensor, offset: Tensor, absent: Sequence[int] = ()) -> None:
        """`absent` are outputs that lie below all others."""
        super().__init__()
        self.register_buffer("weights", weights.double())
        self.register_buffer("offset", offset.double())
        self._absent = list(absent)

    def forward(self, features: Features) -> Tensor:
        """[B, K] float64."""
        raw = features.pooled.double() @ self.weights.T + self.offset
        if not self._absent:
            return raw
        lowest = raw.min(dim=1, keepdim=True).values - NEVER
        missing = torch.zeros(raw.shape[1], dtype=torch.bool)
        missing[self._absent] = True
        return torch.where(missing, lowest, raw)


class NearestOutputs(LinearOutputs):
    """Less half the squared distances, by what they differ in: the square of an example itself counts too."""

    scale: Tensor

    def __init__(
        self, means: Tensor, spread: Tensor, factor: float, extra: Tensor, absent: Sequence[int]
    ) -> None:
        """Means [K, D] and spread [D]; `extra` [K] is added."""
        own = means / spread
        super().__init__(
            factor * own / spread, extra.double() - 0.5 * factor * own.square().sum(dim=1), absent
        )
        self.register_buffer("scale", spread.double())
        self._factor = factor

    def forward(self, features: Features) -> Tensor:
        """[B, K] float64."""
        square = (features.pooled.double() / self.scale).square().sum(dim=1, keepdim=True)
        return super().forward(features) - 0.5 * self._factor * square


def linear_of(model: Logistic, labels: int) -> LinearOutputs:
    """What `Logistic.logits` gives, for all labels; of classes by number."""
    known = [int(each) for each in model.classes]
    absent = [at for at in range(labels) if at not in known]
    arrays = {name: torch.from_numpy(array) for name, array in model.arrays().items()}
    width = len(arrays["mean"])
    weights, offset = (
        torch.zeros(labels, width, dtype=torch.float64),
        torch.zeros(labels, dtype=torch.float64),
    )
    if len(known) > 1:
        own = arrays["weights"] / arrays["scale"]
        start = arrays["offset"] - own @ arrays["mean"]
        if len(known) == 2:
            own, start = torch.cat([torch.zeros_like(own), own]), torch.cat([torch.zeros_like(start), start])
        weights[known], offset[known] = own, start
    return LinearOutputs(weights, offset, absent)
