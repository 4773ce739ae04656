"""Logistic regression with a chosen penalty: what a frozen encoder's features are judged by in the literature."""

from __future__ import annotations

import torch
from torch import Tensor

from vertikit.contracts import Features, State
from vertikit_plugins.heads.gathered import Gathered
from vertikit_plugins.heads.linear import NEVER, LinearOutputs, linear_of
from vertikit_plugins.heads.named_classes import NamedClasses
from vertikit_plugins.logistic import Logistic


class LogisticHead(NamedClasses, Gathered):
    """`vertikit.contracts.FittedHead`: multinomial logistic regression with an L2 penalty on each feature's own scale,
    solved to its end and not by steps of a gradient (the linear probe of Radford et al. 2021, arXiv:2103.00020,
    appendix A.3). The raw outputs are logits. For its arguments see `Gathered`.
    """

    few_rows = True
    """It suits few rows of each class."""

    def finish(self) -> None:
        table, targets = self.gathered()
        classes = targets.astype(str)
        self._model = Logistic()
        if len(set(classes.tolist())) > 1:
            self._model = self.solved(table, classes)
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

    def graph_module(self) -> LinearOutputs:
        """The same as a graph of tensors."""
        return linear_of(self._model, len(self.labels))

    def state(self) -> State:
        return State(tree={"classes": self._model.classes}, arrays=self._model.arrays())

    def load(self, state: State) -> None:
        self._model = Logistic()
        self._model.take_up(state.tree["classes"], state.arrays)
