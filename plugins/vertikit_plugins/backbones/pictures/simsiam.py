"""SimSiam: two views of a picture have one meaning (Chen and He 2021, arXiv:2011.10566)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

HIDDEN = 4
"""The predictor's middle is so many times narrower."""


class SimSiam(nn.Module):
    """A projection of features and a predictor of one view's from the other's; the loss is minus the cosine of both,
    with no gradient through what is predicted.

    Args:
        width: D.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(width, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(),
            nn.Linear(width, width, bias=False), nn.BatchNorm1d(width, affine=False),
        )  # fmt: skip
        inside = max(8, width // HIDDEN)
        self.predict = nn.Sequential(
            nn.Linear(width, inside, bias=False), nn.BatchNorm1d(inside), nn.ReLU(), nn.Linear(inside, width)
        )

    def forward(self, encoder: nn.Module, views: dict[str, Tensor]) -> Tensor:
        """Two views, one after another in `pixels` and `owner` -> losses [B]."""
        pooled: Tensor = encoder(**views).pooled
        half = len(pooled) // 2
        if half < 2 and self.training:
            return pooled.sum(dim=1)[:half] * 0  # batch norm has nothing to compare one picture with
        one, other = self.project(pooled[:half]), self.project(pooled[half:])
        loss = functional.cosine_similarity(self.predict(one), other.detach(), dim=1)
        loss = loss + functional.cosine_similarity(self.predict(other), one.detach(), dim=1)
        return -loss / 2
