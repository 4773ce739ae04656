"""One of K classes, by one dense layer over standardised features."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor

from vertikit_plugins.heads.dense import DenseHead, Scaling


class SoftmaxHead(DenseHead):
    """Multinomial logistic regression on the pooled features; the raw outputs are logits.

    Args:
        width: D, of the features.
        labels: K classes, in the order of the outputs.
        dropout: share of features set to zero in training.
        standardise: "overall" centres the features by the training rows and divides all by one spread, which
            keeps the encoder's geometry; "each" divides every feature by its own; "none" takes them as they are.
    """

    def __init__(
        self, width: int, labels: tuple[str, ...], *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__(width, len(labels), dropout=dropout, standardise=standardise)
        self.labels = labels

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
