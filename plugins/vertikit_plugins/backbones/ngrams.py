"""Hashed n-grams: the smallest encoder of texts, for a student that has to run anywhere (after Joulin et al. 2017,
fastText, arXiv:1607.01759)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.contracts import BackboneInfo, Features, Graph, Outlet, Portable
from vertikit_plugins.backbones.augmenting.ways import Ways, source_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from vertikit.examples import Indices

WORDS, LETTERS = (1, 2), (3, 5)
"""How long n-grams of words and, within words, of letters are."""
A_TOKEN = 8
"""N-grams that weigh as much in a batch as a token of text does."""


class NgramItems:
    """Texts as sets of hashed n-grams: `vertikit.contracts.AugmentingItems`."""

    def __init__(
        self, values: Sequence[str | tuple[str, ...]], buckets: int, augment: NgramAugmentation
    ) -> None:
        self._augment = augment
        self._found = _hashed(values, buckets)
        counts = np.diff(self._found.indptr)
        self.lengths = np.maximum(1, -(-counts // A_TOKEN)).astype(np.int64)
        self.windows = np.ones(len(counts), np.int64)
        self.left_out = np.zeros(len(counts), np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """ids [T] of all n-grams, one text after the other; offsets [B] where each text begins."""
        chosen = self._found[indices]
        return {
            "ids": torch.from_numpy(chosen.indices.astype(np.int64)),
            "offsets": torch.from_numpy(chosen.indptr[:-1].astype(np.int64)),
        }

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The same with some n-grams left out; one stays at the least."""
        share = self._augment.strength("delete")
        if not share:
            return self.collate(indices)
        kept = []
        for index in indices:
            own = self._found.indices[self._found.indptr[index] : self._found.indptr[index + 1]]
            random = source_of(seed, epoch, int(index))
            chosen = random.random(len(own)) >= share
            if len(own) and not chosen.any():
                chosen[int(random.integers(len(own)))] = True
            kept.append(own[chosen].astype(np.int64))
        return {
            "ids": torch.from_numpy(np.concatenate(kept)),
            "offsets": torch.from_numpy(np.cumsum([0, *map(len, kept[:-1])]).astype(np.int64)),
        }


@dataclass(frozen=True)
class NgramAugmentation(Ways):
    """`delete` is the chance of each n-gram to be left out."""

    thing: ClassVar[str] = "text without an order of words"
    most: ClassVar[Mapping[str, float]] = {"delete": 0.9}


class NgramModule(nn.Module):
    """The sum of what n-grams are worth, by the root of their number, and one dense layer over it."""

    def __init__(self, buckets: int, width: int, dropout: float) -> None:
        super().__init__()
        self.embeddings = nn.EmbeddingBag(buckets, width, mode="sum")
        nn.init.normal_(self.embeddings.weight, std=0.1)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, width)

    def forward(self, ids: Tensor, offsets: Tensor) -> Features:
        """ids [T], offsets [B] -> pooled [B, D]; a text without n-grams is as zeros."""
        counts = torch.diff(offsets, append=offsets.new_tensor([len(ids)])).clamp(min=1)
        found = self.embeddings(ids, offsets) / counts.sqrt()[:, None].to(self.embeddings.weight.dtype)
        return Features(pooled=torch.relu(found + self.dense(self.dropout(torch.relu(found)))))

    def bags(self, grams: Tensor) -> Tensor:
        """The sums of the first line of `forward`, of n-grams [B, V] as 0 and 1."""
        return (grams @ self.embeddings.weight) / grams.sum(dim=1, keepdim=True).clamp(min=1).sqrt()


class NgramBackbone:
    """`vertikit.contracts.Backbone`, untrained."""

    def __init__(self, info: BackboneInfo, buckets: int, dropout: float, augment: NgramAugmentation) -> None:
        self.info = info
        self._augment = augment
        self._buckets = buckets
        self.module = NgramModule(buckets, info.width, dropout)
        self.fingerprint = hashlib.sha256(repr((buckets, info.width)).encode()).hexdigest()

    def items(self, values: Sequence[str | tuple[str, ...]]) -> NgramItems:
        """Hashed n-grams of texts; those of a tuple are read as one."""
        return NgramItems(values, self._buckets, self._augment)

    @property
    def alters(self) -> bool:
        """Whether training sees texts altered."""
        return self._augment.alters

    def graph(self) -> Graph:
        """Of the dense layer: what comes before it is a look-up."""
        example = {"features": torch.zeros(2, self.info.width)}
        return Graph("dense", example, {"features": {0: "rows"}}, lambda found: (found,), lambda one: one[0])

    def outlet(self, bindings: int) -> Outlet:
        """N-grams come as a table of 0 and 1, one a binding."""
        names = [f"grams_{at}" for at in range(bindings)]

        def bags(inputs: Mapping[str, Tensor]) -> Tensor:
            return torch.cat([self.module.bags(inputs[name]) for name in names])

        def after(tensors: Sequence[Tensor], inputs: Mapping[str, Tensor]) -> list[Features]:
            found, rows = torch.relu(bags(inputs) + tensors[0]), inputs[names[0]].shape[0]
            return [Features(pooled=found[at * rows : (at + 1) * rows]) for at in range(bindings)]

        return Outlet(
            # A tensor of its own for each: tracing takes one tensor for one input.
            {name: torch.eye(2, self._buckets) for name in names},
            {name: {0: "rows"} for name in names},
            lambda inputs: (torch.relu(bags(inputs)),),
            after,
        )

    def portable(self, bindings: Sequence[Sequence[str]]) -> Portable:
        """Texts without the kit."""
        return Portable(
            ("vertikit_plugins.portable.grams",),
            {"bindings": [list(names) for names in bindings], "buckets": self._buckets},
            columns=tuple(dict.fromkeys(name for names in bindings for name in names)),
        )

    def blocks(self) -> list[nn.Module]:
        """The embeddings, then the dense layer."""
        return [self.module.embeddings, self.module.dense]


class NgramSource:
    """`vertikit.contracts.BackboneSource`."""

    def __init__(self, buckets: int, width: int, dropout: float, augment: NgramAugmentation) -> None:
        self._buckets, self._width, self._dropout, self._augment = buckets, width, dropout, augment

    def info(self) -> BackboneInfo:
        return BackboneInfo(
            name="ngrams",
            source="untrained",
            modality="text",
            pretrained=False,
            licence="Apache-2.0",
            languages=(),
            parameters=(self._buckets + self._width + 1) * self._width,
            width=self._width,
            max_length=1_000_000,
            layers=1,
            adapter_targets=(),
            sha256="",
        )

    def build(self) -> NgramBackbone:
        torch.manual_seed(0)
        return NgramBackbone(self.info(), self._buckets, self._dropout, self._augment)


def source(
    *, buckets: int = 16384, width: int = 32, dropout: float = 0.2, augment: dict[str, float] | None = None
) -> NgramSource:
    """Hashed n-grams of words and letters under one dense layer, untrained.

    Args:
        buckets: that n-grams are hashed into; each is worth `width` numbers.
        width: of the features.
        dropout: share of them set to zero in training.
        augment: how training alters texts, such as {delete: 0.1}; null: not at all.
    """
    if not 256 <= buckets <= 2**22 or not 1 <= width <= 1024:
        raise UsageError(
            f"backbone: {buckets} buckets of width {width} are too few or too many.",
            "Take 256 to 4194304 buckets, and a width of 1 to 1024.",
        )
    if not 0 <= dropout < 1:
        raise UsageError(f"backbone.dropout: {dropout} is not from 0 to below 1.", "Try 0.2.")
    return NgramSource(buckets, width, dropout, NgramAugmentation(augment or {}))


def _hashed(values: Sequence[str | tuple[str, ...]], buckets: int) -> csr_matrix:
    """[N, buckets] with an entry where a text has an n-gram."""
    from scipy.sparse import csr_matrix, vstack
    from sklearn.feature_extraction.text import HashingVectorizer

    from vertikit.cells import AT_ONCE

    options: dict[str, Any] = {
        "n_features": buckets, "alternate_sign": False, "norm": None, "binary": True, "dtype": np.float32,
    }  # fmt: skip
    kinds = [
        HashingVectorizer(analyzer="word", ngram_range=WORDS, token_pattern=r"\w+", **options),
        HashingVectorizer(analyzer="char_wb", ngram_range=LETTERS, **options),
    ]
    parts = [csr_matrix((0, buckets), dtype=np.float32)]
    for start in range(0, len(values), AT_ONCE):
        texts = [
            each if isinstance(each, str) else " ".join(each) for each in values[start : start + AT_ONCE]
        ]
        words, letters = (kind.transform(texts) for kind in kinds)
        parts.append((words + letters).tocsr())
    found = vstack(parts, format="csr")
    found.sort_indices()
    return found
