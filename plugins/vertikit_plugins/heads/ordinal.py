"""A step of a scale, by K - 1 questions of the kind "higher than this one?"."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit_plugins.heads.dense import Scaling
from vertikit_plugins.heads.softmax import SoftmaxHead


class OrdinalHead(SoftmaxHead):
    """CORN: P(y > step k | y > step k - 1) by a logistic regression for each k (Shi et al. 2021, arXiv:2111.08851).

    The raw outputs are the logarithms of the steps' probabilities by the chain rule, so that their negative log
    likelihood (the loss `cross-entropy`) is the loss of the paper, and a temperature scales them as it does logits.

    Args:
        width: D, of the features.
        labels: K steps, numbers in rising order.
        dropout: share of features set to zero in training.
        standardise: as for the softmax head.
    """

    def __init__(
        self, width: int, labels: tuple[str, ...], *, dropout: float = 0.2, standardise: Scaling = "each"
    ) -> None:
        super().__init__(width, labels, dropout=dropout, standardise=standardise)
        try:
            values = [float(label) for label in labels]
        except ValueError:
            values = []
        if values != sorted(set(values)) or not values:
            raise UsageError(
                "head 'ordinal' needs a target whose classes are numbers, steps of a scale.",
                "Take --set head=softmax",
            )
        self.dense = nn.Linear(width, max(1, len(labels) - 1))
        # Every step is equally likely at the start: of the K - k + 1 steps left, one is not passed.
        nn.init.zeros_(self.dense.weight)
        left = torch.arange(len(labels), 1, -1, dtype=torch.float32)
        with torch.no_grad():
            self.dense.bias.copy_(torch.log(left - 1) if len(left) else torch.zeros(1))

    def forward(self, features: Features) -> Tensor:
        """Log probabilities [B, K] of the steps, or [B, M, K] of features with members."""
        outputs = super().forward(features)
        passed = outputs[..., : len(self.labels) - 1]
        reached = torch.cumsum(logsigmoid(passed), dim=-1)
        start = torch.zeros_like(
            outputs[..., :1]
        )  # and not by `len`, which would write the size into a graph
        # log P(y = k) = log P(passed all before k) + log P(k is not passed); the last step has nothing to pass.
        stays = torch.cat([logsigmoid(-passed), start], dim=-1)
        return torch.cat([start, reached], dim=-1) + stays
