"""SimCSE: a text read twice under dropout means the same, and others in the batch mean something else (Gao et al. 2021,
arXiv:2104.08821, its unsupervised form)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

TEMPERATURE = 0.05
ALIKE = 0.999
"""Cosine of features from which two texts of a batch are taken for one: equal texts do not push each other away."""


class SimCse(nn.Module):
    """The cross-entropy of finding a text's second reading among those of the batch, both ways."""

    def forward(self, encoder: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        """A batch of texts, B of them -> losses [B]."""
        one, other = (functional.normalize(encoder(**batch).pooled, dim=1) for _ in range(2))
        own = torch.arange(len(one), device=one.device)
        likeness = one @ other.T / TEMPERATURE
        with torch.no_grad():
            twins = (one @ one.T > ALIKE) & ~torch.eye(len(one), dtype=torch.bool, device=one.device)
        likeness = likeness.masked_fill(twins, -torch.inf)
        there = functional.cross_entropy(likeness, own, reduction="none")
        back = functional.cross_entropy(likeness.T, own, reduction="none")
        return (there + back) / 2


def has_dropout(encoder: nn.Module) -> bool:
    """Whether a text read twice in training is read in two ways."""
    return any(isinstance(each, nn.Dropout) and each.p > 0 for each in encoder.modules())
