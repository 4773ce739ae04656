"""The class whose mean lies nearest: for few examples a class."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Features, State
from vertikit_plugins.heads.linear import NearestOutputs
from vertikit_plugins.heads.named_classes import NamedClasses


class NearestMean(NamedClasses, nn.Module):
    """`vertikit.contracts.FittedHead`: the raw outputs are minus half the squared distances to the classes' means, so
    that probabilities are those of classes that scatter alike around them (linear discriminant analysis with a
    diagonal covariance; with unit variances, prototypical networks, Snell et al. 2017, arXiv:1703.05175). They are
    divided by the root of D, since features go together and their sum would be far too sure; calibration does the rest.

    Each feature is centred and divided by its spread within the classes, shrunk towards the mean spread as few examples
    cannot show each.

    Args:
        width: D, of the features.
        labels: K classes, in the order of the outputs.
        shrink: how far spreads are drawn to their mean, from 0 to 1; of n examples, at least 1 / sqrt(n) is taken.
        priors: whether a class that is frequent in training is likelier before anything is seen.
    """

    reads: Literal["pooled", "tokens"] = "pooled"

    few_rows = True
    """It suits few rows of each class."""

    def __init__(
        self, width: int, labels: tuple[str, ...], *, shrink: float = 0.1, priors: bool = False
    ) -> None:
        super().__init__()
        if not 0 <= shrink <= 1:
            raise UsageError(f"head.shrink: {shrink} is not from 0 to 1.", "Try 0.1.")
        self.labels, self.shrink, self.priors = labels, shrink, priors
        self._width = width
        self._means = torch.zeros(len(labels), width, dtype=torch.float64)
        self._spread = torch.ones(width, dtype=torch.float64)
        self._counts = torch.zeros(len(labels), dtype=torch.float64)

    def begin(self, rows: int) -> None:
        del rows
        shape = (len(self.labels), self._width)
        self._counts = torch.zeros(len(self.labels), dtype=torch.float64)
        self._means = torch.zeros(shape, dtype=torch.float64)
        self._within = torch.zeros(self._width, dtype=torch.float64)

    def learn(self, features: Features, target: Tensor) -> None:
        """Means and squares within classes, batch by batch (Chan, Golub and LeVeque 1983)."""
        pooled, target = features.pooled.detach().double().cpu(), target.long()
        for label in sorted(set(target.tolist())):
            own = pooled[target == label]
            mean, before = own.mean(dim=0), self._counts[label]
            apart = mean - self._means[label]
            total = before + len(own)
            self._within += (own - mean).square().sum(dim=0) + apart.square() * before * len(own) / total
            self._means[label] += apart * len(own) / total
            self._counts[label] = total

    def finish(self) -> None:
        rows = float(self._counts.sum())
        free = max(1.0, rows - float((self._counts > 0).sum()))
        spread = (self._within / free).sqrt()
        shrink = max(self.shrink, min(1.0, 1 / max(rows, 1.0) ** 0.5))
        even = spread.square().mean().sqrt()
        spread = (1 - shrink) * spread + shrink * even
        self._spread = torch.where(spread > 1e-9, spread, torch.ones_like(spread))

    def forward(self, features: Features) -> Tensor:
        """Minus half the squared distances, in spreads, to the means [B, K]; lowest for a class without examples."""
        device = features.pooled.device
        scaled = features.pooled.double() / self._spread.to(device)
        means = (self._means / self._spread).to(device)
        apart = torch.cdist(scaled, means, compute_mode="donot_use_mm_for_euclid_dist")
        raw: Tensor = -0.5 / self._width**0.5 * apart.square()
        if self.priors:
            raw = raw + (self._counts.clamp_min(1e-9) / self._counts.sum()).log().to(device)
        empty = (self._counts == 0).to(device)
        if bool(empty.any()):
            raw = raw.masked_fill(empty, float(raw.min()) - 1e3)
        return raw

    def merged(self, raw: Tensor) -> Tensor:
        """The mean over members [B, M, K]."""
        return raw.mean(dim=1)

    def graph_module(self) -> NearestOutputs:
        """The same as a graph of tensors, of the squares multiplied out."""
        extra = torch.zeros_like(self._counts)
        if self.priors:
            extra = (self._counts.clamp_min(1e-9) / self._counts.sum()).log()
        absent = torch.nonzero(self._counts == 0).flatten().tolist()
        return NearestOutputs(self._means, self._spread, 1 / self._width**0.5, extra, absent)

    def state(self) -> State:
        return State(
            arrays={
                "means": self._means.numpy(), "spread": self._spread.numpy(), "counts": self._counts.numpy()
            }
        )  # fmt: skip

    def load(self, state: State) -> None:
        self._means, self._spread, self._counts = (
            torch.from_numpy(np.array(state.arrays[name])) for name in ("means", "spread", "counts")
        )
