"""Pretrained forecasting models of Transformers behind one door: a window in, quantiles of the steps to come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vertikit.contracts import Features

CLASSES: Mapping[str, str] = {
    "timesfm": "TimesFmModelForPrediction",
    "timesfm2_5": "TimesFm2_5ModelForPrediction",
    "patchtst": "PatchTSTForPrediction",
    "patchtsmixer": "PatchTSMixerForPrediction",
}
"""`model_type` of a configuration -> the class that foretells."""
ONE_NUMBER = frozenset({"patchtst", "patchtsmixer"})
"""Models that give a number a step, without quantiles, from contexts of one length."""


class Foretold(nn.Module):
    """What a pretrained model foretells is the features: quantiles [B, H x Q] on the window's own scale.

    A horizon longer than the model's is reached by foretelling again from its own medians.

    Args:
        model: of `CLASSES`. kind: its `model_type`. horizon: H. levels: of the Q quantiles.
    """

    def __init__(self, model: nn.Module, kind: str, horizon: int, levels: Sequence[float]) -> None:
        super().__init__()
        self.model, self.kind = model, kind
        self.horizon, self.levels = horizon, tuple(levels)
        self.width = horizon * len(self.levels)

    def forward(
        self,
        readings: Tensor,
        known: Tensor,  # noqa: ARG002
        lengths: Tensor,  # noqa: ARG002
        ahead: Tensor | None = None,  # noqa: ARG002
        scale: Tensor | None = None,
    ) -> Features:
        past = readings[:, 0]
        found: list[Tensor] = []
        length = past.shape[1]
        while sum(each.shape[1] for each in found) < self.horizon:
            steps = self._step(past)
            found.append(steps)
            past = torch.cat([past, steps[:, :, self.levels.index(0.5)]], dim=1)[:, -length:]
        quantiles = torch.cat(found, dim=1)[:, : self.horizon]
        return Features(pooled=quantiles.flatten(1), scale=scale)

    def _step(self, past: Tensor) -> Tensor:
        """[B, h, Q] of one pass."""
        config: Any = self.model.config
        if self.kind in ONE_NUMBER:
            outputs = self.model(past_values=past[:, -config.context_length :, None]).prediction_outputs
            point: Tensor = outputs[:, :, 0]
            return point[:, :, None].expand(-1, -1, len(self.levels))
        options: dict[str, Any] = {}
        if self.kind == "timesfm2_5":
            patch = config.patch_length
            options["forecast_context_len"] = -(-past.shape[1] // patch) * patch
        # A sign that depends on the least reading of the whole batch would make a window's forecast depend on others.
        options["truncate_negative"] = False
        full = self.model(past_values=list(past), **options).full_predictions
        return at_levels(full[:, :, 1:], config.quantiles, self.levels)


def at_levels(quantiles: Tensor, known: Sequence[float], wanted: Sequence[float]) -> Tensor:
    """Quantiles [..., K] at the levels `known`, put in order and read off at the levels `wanted` by straight lines;
    beyond the outermost ones, these."""
    ordered = quantiles.sort(dim=-1).values
    found = []
    for level in wanted:
        above = next((at for at, each in enumerate(known) if each >= level - 1e-9), len(known) - 1)
        below = max(above - 1, 0) if known[above] > level + 1e-9 else above
        span = known[above] - known[below]
        share = 0.0 if span <= 0 else min(1.0, max(0.0, (level - known[below]) / span))
        found.append(ordered[..., below] * (1 - share) + ordered[..., above] * share)
    return torch.stack(found, dim=-1)
