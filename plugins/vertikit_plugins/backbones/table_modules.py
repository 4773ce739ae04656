"""The networks behind the table backbones: piecewise-linear embeddings of numbers, and what reads them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from vertikit.contracts import Features


class TableInput(nn.Module):
    """Numbers [B, F] (standardised, NaN where missing) and codes [B, C] as one row [B, width] of numbers.

    A number is embedded piecewise linearly between quantiles of the training rows (Gorishniy et al. 2022,
    arXiv:2203.05556); a missing one is as the mean, with a mark beside it where training had gaps too.
    """

    def __init__(
        self, bins: list[Tensor], gaps: Sequence[bool], cardinalities: Sequence[int], embedding: int
    ) -> None:
        super().__init__()
        from rtdl_num_embeddings import PiecewiseLinearEmbeddings

        self.register_buffer(
            "gaps", torch.tensor([at for at, gap in enumerate(gaps) if gap], dtype=torch.long)
        )
        with warnings.catch_warnings():
            # A number of two values has one bin, which is all it needs.
            warnings.filterwarnings("ignore", "The .* feature has just two bin edges", UserWarning)
            self.embeddings = (
                PiecewiseLinearEmbeddings(bins, embedding, activation=False, version="B") if bins else None
            )
        self.categories = nn.ModuleList(
            nn.Embedding(size, min(embedding, max(2, round(size**0.5)) + 1)) for size in cardinalities
        )
        self.width = (
            len(bins) * embedding
            + int(sum(gaps))
            + sum(int(each.embedding_dim) for each in self.categories if isinstance(each, nn.Embedding))
        )

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        parts = []
        if self.embeddings is not None:
            missing = numbers.isnan()
            parts.append(self.embeddings(numbers.nan_to_num(0.0)).flatten(1))
            parts.append(missing.index_select(1, self.get_buffer("gaps")).to(parts[0].dtype))
        parts += [each(codes[:, at]) for at, each in enumerate(self.categories)]
        return torch.cat(parts, dim=1)


class TabmModule(nn.Module):
    """TabM: an ensemble of `members` small networks that share most weights (Gorishniy et al. 2024,
    arXiv:2410.24210). Features are pooled [B, members, D]; each member is trained by itself."""

    def __init__(self, rows: TableInput, members: int, blocks: int, width: int, dropout: float) -> None:
        super().__init__()
        from tabm import TabM

        self.rows = rows
        made = TabM.make(
            n_num_features=rows.width,
            d_out=None,
            k=members,
            n_blocks=blocks,
            d_block=width,
            dropout=dropout,
            start_scaling_init="normal",
        )
        # The parts of TabM, and not its forward pass, which looks at batch sizes and cannot be exported.
        self.view, self.backbone = made.ensemble_view, made.backbone

    def forward(self, numbers: Tensor, codes: Tensor) -> Features:
        return Features(pooled=self.backbone(self.view(self.rows(numbers, codes))))


class MlpModule(nn.Module):
    """Dense layers with rectified units and dropout."""

    def __init__(self, rows: TableInput, blocks: int, width: int, dropout: float) -> None:
        super().__init__()
        self.rows = rows
        sizes = [rows.width, *[width] * blocks]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.dropout = nn.Dropout(dropout)

    def forward(self, numbers: Tensor, codes: Tensor) -> Features:
        values = self.rows(numbers, codes)
        for layer in self.layers:
            values = self.dropout(functional.relu(layer(values)))
        return Features(pooled=values)
