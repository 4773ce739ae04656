"""Logistic regression with a chosen penalty: what a frozen encoder's features are judged by in the literature."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import Features, State
from vertikit_plugins.heads.named_classes import NamedClasses
from vertikit_plugins.logistic import GRID, Logistic, chosen_c

NEVER = 1e3
"""Below the lowest logit lies that of a class of which there was no example."""


class LogisticHead(NamedClasses, nn.Module):
    """`vertikit.contracts.FittedHead`: multinomial logistic regression with an L2 penalty on each feature's own scale,
    solved to its end and not by steps of a gradient (the linear probe of Radford et al. 2021, arXiv:2103.00020,
    appendix A.3). The raw outputs are logits.

    Args:
        width: D, of the features.
        labels: K classes, in the order of the outputs.
        c: of the penalty 1 / c; null: that of 0.0001 to 1 with the least log loss in three parts of the training rows.
        balanced: whether a rare class counts as much as a frequent one.
        most_rows: of training, drawn at random, that it learns from: their features lie in memory.
    """

    reads: Literal["pooled", "tokens"] = "pooled"

    def __init__(
        self,
        width: int,
        labels: tuple[str, ...],
        *,
        c: float | None = None,
        balanced: bool = False,
        most_rows: int = 50_000,
    ) -> None:
        super().__init__()
        if c is not None and not 0 < c <= 1e6:
            raise UsageError(f"head.c: {c} is no strength.", "Try 0.01, or null to have it chosen.")
        if most_rows < 1:
            raise UsageError(f"head.most_rows: {most_rows} rows teach nothing.", "Try 50000.")
        self.labels, self.c, self.balanced, self.most_rows = labels, c, balanced, most_rows
        self._width = width
        self._model = Logistic()
        self._seen: list[tuple[NDArray[np.float32], NDArray[np.int64]]] = []

    def begin(self, rows: int) -> None:
        del rows
        self._model, self._seen = Logistic(), []

    def learn(self, features: Features, target: Tensor) -> None:
        """Kept until the last batch; they come in random order, so that the first of them are a random sample."""
        room = self.most_rows - sum(len(own) for _, own in self._seen)
        if room > 0:
            pooled = features.pooled.detach().float().cpu().numpy()
            self._seen.append((pooled[:room], target.cpu().numpy()[:room]))

    def finish(self) -> None:
        table = np.concatenate([pooled for pooled, _ in self._seen])
        targets = np.concatenate([own for _, own in self._seen])
        self._seen = []
        # In an order of their own, so that equal rows in other batches give equal weights.
        order = np.lexsort((*table.T[:8], targets))
        table, classes = table[order], targets[order].astype(str)
        none = table[:0], classes[:0]
        if len(set(classes.tolist())) > 1:
            c = self.c or chosen_c(GRID, table, classes, *none, seed=0, balanced=self.balanced)
            self._model.learn(table, classes, c, balanced=self.balanced)
        else:
            self._model.classes = sorted(set(classes.tolist()))

    def forward(self, features: Features) -> Tensor:
        """Logits [B, K]; the lowest for a class without examples."""
        pooled = features.pooled
        known = [int(each) for each in self._model.classes]
        raw = pooled.new_zeros((len(pooled), len(self.labels)), dtype=torch.float64)
        if len(known) > 1:
            found = self._model.logits(pooled.detach().cpu().numpy())
            raw[:, known] = torch.from_numpy(found).to(pooled.device)
        absent = [at for at in range(len(self.labels)) if at not in known]
        if absent:
            raw[:, absent] = raw.min(dim=1, keepdim=True).values - NEVER
        return raw

    def merged(self, raw: Tensor) -> Tensor:
        """The mean over members [B, M, K]."""
        return raw.mean(dim=1)

    def state(self) -> State:
        return State(tree={"classes": self._model.classes}, arrays=self._model.arrays())

    def load(self, state: State) -> None:
        self._model.take_up(state.tree["classes"], state.arrays)
