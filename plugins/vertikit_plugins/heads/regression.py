"""A number, by one dense layer over standardised features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit.outcome.numbers import Numbers
from vertikit_plugins.heads.dense import DenseHead, Scaling


class RegressionHead(DenseHead):
    """Linear regression on the pooled features, learnt in standard deviations of the training numbers.

    Args:
        width: D, of the features.
        numbers: mean and deviation of the training numbers, and their scale.
        dropout: share of features set to zero in training.
        standardise: as for the softmax head.
    """

    def __init__(
        self, width: int, numbers: Numbers, *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__(width, 1, dropout=dropout, standardise=standardise)
        self._numbers = numbers

    def merged(self, raw: Tensor) -> Tensor:
        """Outputs [B, M, 1] of members -> their mean [B, 1]."""
        return raw.mean(dim=1)

    def encode(self, values: Sequence[float]) -> Tensor:
        """Standardised numbers [N], float32."""
        own = (np.asarray(values, np.float64) - self._numbers.mean) / self._numbers.deviation
        return torch.from_numpy(own.astype(np.float32))

    def numbers(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, 1] -> numbers [N]."""
        result: NDArray[np.float64] = raw[:, 0] * self._numbers.deviation + self._numbers.mean
        return result


class BoundedRegressionHead(RegressionHead):
    """A number between the ends of a scale: a sigmoid over a dense layer, learnt as a share of the scale.

    Fractional logistic regression where the loss is `mse` or a likelihood (Papke and Wooldridge 1996, Journal of
    Applied Econometrics 11:619-632). Arguments are those of `RegressionHead`.

    Args:
        width: D, of the features.
        numbers: the scale, with both ends, and the mean of the training numbers, where it starts.
        dropout: share of features set to zero in training.
        standardise: as for the softmax head.
    """

    def __init__(
        self, width: int, numbers: Numbers, *, dropout: float = 0.2, standardise: Scaling = "overall"
    ) -> None:
        super().__init__(width, numbers, dropout=dropout, standardise=standardise)
        low, high = numbers.scale.minimum, numbers.scale.maximum
        if low is None or high is None or low >= high:
            raise UsageError(
                "head 'bounded-regression' needs a scale with two ends.",
                "State them: --set scale.minimum=NUMBER --set scale.maximum=NUMBER, or take --set head=regression",
            )
        self._low, self._range = low, high - low
        start = min(max((numbers.mean - low) / self._range, 0.01), 0.99)
        nn.init.constant_(self.dense.bias, float(np.log(start / (1 - start))))

    def forward(self, features: Features) -> Tensor:
        """Shares of the scale [B, 1], or [B, M, 1] of features with members."""
        return torch.sigmoid(super().forward(features))

    def encode(self, values: Sequence[float]) -> Tensor:
        """Shares of the scale [N], float32."""
        own = (np.asarray(values, np.float64) - self._low) / self._range
        return torch.from_numpy(own.astype(np.float32))

    def numbers(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, 1] -> numbers [N]."""
        result: NDArray[np.float64] = raw[:, 0] * self._range + self._low
        return result
