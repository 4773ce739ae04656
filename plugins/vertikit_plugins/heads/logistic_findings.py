"""Logistic regression of each of several findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from vertikit.contracts import Features, State
from vertikit.outcome.findings import matrix
from vertikit_plugins.heads.gathered import Gathered
from vertikit_plugins.heads.linear import LinearOutputs, linear_of
from vertikit_plugins.logistic import Logistic


class LogisticFindings(Gathered):
    """`vertikit.contracts.FittedHead` for several findings: of each the logistic regression of `LogisticHead`, learnt
    from the rows that say yes or no of it. The raw outputs [B, K] are logits of yes; of one that was always there,
    or never, they are the log odds of its rows with half a row more on either side.
    """

    def __init__(
        self,
        width: int,
        findings: tuple[str, ...],
        *,
        c: float | None = None,
        balanced: bool = False,
        most_rows: int = 50_000,
    ) -> None:
        super().__init__(width, findings, c=c, balanced=balanced, most_rows=most_rows)

    def finish(self) -> None:
        table, targets = self.gathered()
        self._models, self._odds = [], np.zeros(len(self.labels))
        for at in range(len(self.labels)):
            known = np.isfinite(targets[:, at])
            own = targets[known, at] > 0.5
            self._odds[at] = np.log((own.sum() + 0.5) / ((~own).sum() + 0.5))
            alike = own.all() or not own.any()
            self._models.append(
                Logistic() if alike else self.solved(table[known], own.astype(int).astype(str))
            )

    def forward(self, features: Features) -> Tensor:
        """Logits of yes [B, K]."""
        pooled = features.pooled.detach().cpu().numpy()
        raw = np.tile(self._odds, (len(pooled), 1))
        for at, model in enumerate(self._models):
            if model.classes:
                raw[:, at] = model.logits(pooled)[:, 1]
        return torch.from_numpy(raw).to(features.pooled.device)

    def graph_module(self) -> LinearOutputs:
        """The same as a graph of tensors."""
        found = [linear_of(model, 2) if model.classes else None for model in self._models]
        width = next((each.weights.shape[1] for each in found if each is not None), 1)
        weights = torch.zeros(len(found), width, dtype=torch.float64)
        offset = torch.from_numpy(np.array(self._odds, np.float64))
        for at, each in enumerate(found):
            if each is not None:
                weights[at], offset[at] = each.weights[1] - each.weights[0], each.offset[1] - each.offset[0]
        return LinearOutputs(weights, offset)

    def encode(self, values: Sequence[Any]) -> Tensor:
        """[N, K] 1, 0, NaN."""
        return torch.from_numpy(matrix(list(values), self.labels).astype(np.float32))

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each finding by itself [N, K]."""
        result: NDArray[np.float64] = expit(raw)
        return result

    def state(self) -> State:
        arrays = {
            f"{at}.{name}": array
            for at, model in enumerate(self._models)
            for name, array in model.arrays().items()
        }
        return State(
            tree={"classes": [model.classes for model in self._models]}, arrays={"odds": self._odds, **arrays}
        )

    def load(self, state: State) -> None:
        self._odds, self._models = np.array(state.arrays["odds"]), []
        for at, classes in enumerate(state.tree["classes"]):
            own = f"{at}."
            arrays = {
                name.removeprefix(own): array for name, array in state.arrays.items() if name.startswith(own)
            }
            self._models.append(Logistic())
            self._models[-1].take_up(classes, arrays)
