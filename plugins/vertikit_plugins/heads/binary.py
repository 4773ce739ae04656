"""Yes or no, by one output that starts from how rare yes is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit_plugins.heads.dense import Scaling
from vertikit_plugins.heads.softmax import SoftmaxHead


class BinaryHead(SoftmaxHead):
    """Logistic regression on the pooled features, its bias at the start the log odds of the class prior.

    Where one row in a hundred is looked for, a head that starts at one half spends its first steps, and its largest
    gradients, on learning that (Lin et al. 2017, arXiv:1708.02002, section 3.3). The raw outputs are (0, log odds), so
    that every loss, temperature and ensemble of two classes takes them.

    Args:
        width: D, of the features.
        labels: two classes; the second is looked for.
        dropout: share of features set to zero in training.
        standardise: as for the softmax head.
        prior: share of rows that are looked for, to start from; without it, that of the training rows.
    """

    def __init__(
        self,
        width: int,
        labels: tuple[str, ...],
        *,
        dropout: float = 0.2,
        standardise: Scaling = "overall",
        prior: float | None = None,
    ) -> None:
        super().__init__(width, labels, dropout=dropout, standardise=standardise)
        if len(labels) != 2:
            raise UsageError(
                f"head 'binary' is for a target of two classes, and this one has {len(labels)}.",
                "Take --set head=softmax",
            )
        if prior is not None and not 0 < prior < 1:
            raise UsageError(
                f"head.prior: {prior} is not from above 0 to below 1.", "Leave it out, or try 0.01."
            )
        self.prior = prior
        self.dense = nn.Linear(width, 1)
        nn.init.zeros_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def start_from(self, encoded: Tensor, weight: Tensor) -> None:
        """Set the bias by targets [n] and weights [n] of training rows; add-one smoothed, so that it is finite."""
        share = self.prior
        if share is None:
            yes = float(weight[encoded == 1].sum()) + 1.0
            share = yes / (float(weight.sum()) + 2.0)
        with torch.no_grad():
            self.dense.bias.fill_(math.log(share / (1 - share)))

    def forward(self, features: Features) -> Tensor:
        """(0, log odds) [B, 2], or [B, M, 2] of features with members."""
        odds = super().forward(features)
        return torch.cat([torch.zeros_like(odds), odds], dim=-1)
