"""Boosted trees as a graph of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class Trees(nn.Module):
    """A fitted `HistGradientBoostingClassifier`: every tree is walked down at once, as many steps as the deepest has.

    Thresholds and sums are of double precision, as scikit-learn's: in single precision a row near a threshold would
    fall to its other side.
    """

    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    empty: Tensor
    value: Tensor
    start: Tensor

    def __init__(self, model: Any, places: list[int], labels: int) -> None:
        """`places` are those of the model's classes among K `labels`."""
        super().__init__()
        nodes = [tree.nodes for stage in model._predictors for tree in stage]
        most = max(len(each) for each in nodes)
        self.outputs = len(model._predictors[0])
        self.depth = int(max(each["depth"].max() for each in nodes))
        self.labels, self._stages, self._places = labels, len(model._predictors), list(places)

        def table(name: str, kind: Any) -> Tensor:
            found = np.zeros((len(nodes), most), kind)
            for at, each in enumerate(nodes):
                found[at, : len(each)] = each[name]
            return torch.from_numpy(found)

        leaf = table("is_leaf", np.bool_)
        own = torch.arange(most).expand(len(nodes), -1)
        self.register_buffer("feature", table("feature_idx", np.int64).masked_fill(leaf, 0))
        self.register_buffer("threshold", table("num_threshold", np.float64).masked_fill(leaf, 0.0))
        # A leaf leads to itself, so that a shallow tree waits there for the others.
        self.register_buffer("left", torch.where(leaf, own, table("left", np.int64)))
        self.register_buffer("right", torch.where(leaf, own, table("right", np.int64)))
        self.register_buffer("empty", table("missing_go_to_left", np.bool_))
        self.register_buffer("value", table("value", np.float64))
        self.register_buffer(
            "start", torch.from_numpy(np.asarray(model._baseline_prediction, np.float64).ravel())
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Rows [N, F] float64, NaN where missing -> probabilities [N, K]."""
        count = len(self.feature)
        tree = torch.arange(count)
        at = torch.zeros_like(rows[:, :1], dtype=torch.long).expand(-1, count)  # [N, T] the node of each tree
        for _ in range(self.depth):
            seen = rows.gather(1, self.feature[tree, at])
            missing = seen.isnan()
            goes = (missing & self.empty[tree, at]) | (~missing & (seen <= self.threshold[tree, at]))
            at = torch.where(goes, self.left[tree, at], self.right[tree, at])
        leaves = self.value[tree, at].view(-1, self._stages, self.outputs)
        raw = self.start + leaves.sum(dim=1)
        if self.outputs == 1:
            yes = torch.sigmoid(raw)
            shares = torch.cat([1 - yes, yes], dim=1)
        else:
            shares = torch.softmax(raw, dim=1)
        columns = [torch.zeros_like(shares[:, 0])] * self.labels
        for at_class, place in enumerate(self._places):
            columns[place] = shares[:, at_class]
        return torch.stack(columns, dim=1)
