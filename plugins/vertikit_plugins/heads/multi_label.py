"""Several findings, each yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vertikit.outcome.findings import matrix
from vertikit_plugins.heads.dense import DenseHead, Scaling


class MultiLabelHead(DenseHead):
    """Log odds [B, K] of each finding, by one dense layer whose biases start at how frequent each is.

    Args:
        width: D, of the features. findings: K of them.
        dropout: share of features set to zero in training.
        standardise: as for the softmax head.
    """

    def __init__(
        self, width: int, findings: tuple[str, ...], *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__(width, len(findings), dropout=dropout, standardise=standardise)
        self.findings = findings

    def start_from(self, encoded: Tensor, weight: Tensor) -> None:
        """Set the biases by targets [n, K] and weights [n] of training rows; add-one smoothed."""
        known = torch.isfinite(encoded) * weight[:, None]
        share = (torch.nan_to_num(encoded) * known).sum(0).add(1) / known.sum(0).add(2)
        with torch.no_grad():
            self.dense.bias.copy_(torch.logit(share))

    def merged(self, raw: Tensor) -> Tensor:
        """Mean log odds of the members."""
        return raw.mean(dim=1)

    def encode(self, values: Sequence[Any]) -> Tensor:
        """[n, K] 1, 0, NaN."""
        return torch.from_numpy(matrix(list(values), self.findings).astype(np.float32))

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sigmoid."""
        return np.asarray(1 / (1 + np.exp(-np.clip(raw, -60, 60))))
