"""Networks over the past of a series [B, C, L] whose features a head turns into the steps to come."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vertikit.contracts import Features
from vertikit_plugins.backbones.series_modules import Gru, patch_encoder

STEP_WIDTH = 16
"""Features of each step to come; heads of forecasts read so many."""
SUMMARY = 8
HIDDEN = 64
KERNEL = 25
"""Readings of the moving average that a linear forecaster calls trend, as in DLinear."""


class Trend(nn.Module):
    """The window as it is, in two: a moving average, and what is left (DLinear: Zeng et al. 2023, AAAI,
    arXiv:2205.13504, whose two linear maps are the head's)."""

    def __init__(self, channels: int, length: int) -> None:  # noqa: ARG002
        super().__init__()
        self.kernel = min(KERNEL, length - 1 + length % 2)
        self.width = 2 * length

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        own = readings[:, 0]
        before, after = (self.kernel - 1) // 2, self.kernel // 2
        padded = torch.cat([own[:, :1].expand(-1, before), own, own[:, -1:].expand(-1, after)], dim=1)
        trend = padded.unfold(1, self.kernel, 1).mean(dim=2)
        return torch.cat([trend, own - trend], dim=1)


class Recurrent(nn.Module):
    """The recurrent network of windows of sensors, over all channels."""

    def __init__(
        self, channels: int, length: int, width: int, layers: int, steps: int, dropout: float
    ) -> None:
        super().__init__()
        self.network = Gru(channels, length, width, layers, steps, dropout)
        self.width = width

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Tensor:
        return self.network(readings, known, lengths).pooled  # type: ignore[no-any-return]


class Patches(nn.Module):
    """Overlapping patches of the target's past into a Transformer (PatchTST: Nie et al. 2023, arXiv:2211.14730), that
    of Transformers; the features of all patches side by side."""

    def __init__(
        self, channels: int, length: int, width: int, layers: int, patch: int, stride: int, dropout: float  # noqa: ARG002
    ) -> None:  # fmt: skip
        super().__init__()
        patch = min(patch, length // 2)
        stride = min(stride, patch)
        self.encoder = patch_encoder(
            1, length, width, layers, patch=patch, stride=stride, inner=4 * width, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.width = width * ((length - patch) // stride + 1)

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        found = self.encoder(
            past_values=readings[:, :1].transpose(1, 2), past_observed_mask=known[:, :1].transpose(1, 2)
        ).last_hidden_state
        flat: Tensor = self.dropout(found.flatten(1))
        return flat


class Forecaster(nn.Module):
    """A trunk over the past, and beside it a small network over what is known of each step to come.

    Args:
        trunk: gives features [B, D]. channels: C. known: A, values known of each step; 0 for none.
    """

    def __init__(self, trunk: nn.Module, known: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.width = int(trunk.width)  # type: ignore[arg-type]
        self.summary = nn.Linear(self.width, SUMMARY) if known else None
        self.steps = (
            nn.Sequential(
                nn.Linear(known + SUMMARY, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
                nn.Linear(HIDDEN, STEP_WIDTH),
            )
            if known
            else None
        )  # fmt: skip

    def forward(
        self,
        readings: Tensor,
        known: Tensor,
        lengths: Tensor,
        ahead: Tensor | None = None,
        scale: Tensor | None = None,
    ) -> Features:
        pooled: Tensor = self.trunk(readings, known, lengths)
        tokens = None
        if ahead is not None and self.steps is not None and self.summary is not None:
            summary = self.summary(pooled)[:, None].expand(-1, ahead.shape[1], -1)
            tokens = self.steps(torch.cat([ahead, summary], dim=2))
        return Features(pooled=pooled, tokens=tokens, scale=scale)
