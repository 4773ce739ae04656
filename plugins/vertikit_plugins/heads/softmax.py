"""One of K classes, by one dense layer over standardised features."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vertikit_plugins.heads.dense import DenseHead, Scaling
from vertikit_plugins.heads.named_classes import NamedClasses


class SoftmaxHead(NamedClasses, DenseHead):
    """Multinomial logistic regression on the pooled features; the raw outputs are logits.

    Args:
        width: D, of the features.
        labels: K classes, in the order of the outputs.
        dropout: share of features set to zero in training.
        standardise: "overall" centres the features by the training rows and divides all by one spread, which
            keeps the encoder's geometry; "each" divides every feature by its own; "none" takes them as they are.
    """

    few_rows = True
    """It suits few rows of each class."""

    def __init__(
        self, width: int, labels: tuple[str, ...], *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__(width, len(labels), dropout=dropout, standardise=standardise)
        self.labels = labels

    def merged(self, raw: Tensor) -> Tensor:
        """Outputs [B, M, K] of members -> log of their mean probability [B, K]."""
        members = torch.log_softmax(raw, dim=-1)
        return torch.logsumexp(members, dim=1) - math.log(raw.shape[1])
