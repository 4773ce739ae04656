"""What heads of one of K named classes share: classes to indices, and raw outputs to probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor


class NamedClasses:
    """Of a head whose raw outputs are logits of `labels`, K classes in their order."""

    labels: tuple[str, ...]

    def encode(self, values: Sequence[str]) -> Tensor:
        """Class indices [N]; ValueError for a label that is none of the classes."""
        position = {label: index for index, label in enumerate(self.labels)}
        if unknown := sorted({value for value in values if value not in position}):
            raise ValueError(f"label {unknown[0]!r} is none of the classes")
        return torch.tensor([position[value] for value in values], dtype=torch.long)

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax of the raw outputs [N, K]."""
        result: NDArray[np.float64] = softmax(raw, axis=1)
        return result
