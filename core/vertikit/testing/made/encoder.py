"""A small encoder of texts that the kit brings: what strategies and compressors are tried on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from vertikit.contracts import BackboneInfo, Features, Graph

if TYPE_CHECKING:
    from vertikit.examples import Indices

WIDTH, VOCABULARY, LONGEST, LAYERS = 32, 64, 24, 2
PAD = 0


class HashedWords:
    """Items: each word is the number that it hashes to."""

    def __init__(self, values: Sequence[str]) -> None:
        self._ids = [[1, *(_number(word) for word in text.split()[: LONGEST - 1])] for text in values]
        self.lengths = np.array([len(each) for each in self._ids], np.int64)
        self.windows = np.ones(len(self._ids), np.int64)
        self.left_out = np.zeros(len(self._ids), np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """input_ids and attention_mask [B, L]."""
        own = [self._ids[int(at)] for at in indices]
        longest = max(map(len, own))
        ids = torch.tensor([each + [PAD] * (longest - len(each)) for each in own])
        return {"input_ids": ids, "attention_mask": (ids != PAD).long()}


class MeanOfTokens(nn.Module):
    """Tokens of a BERT -> their mean."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Features:
        """pooled [B, D]."""
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        return Features((tokens * mask).sum(1) / mask.sum(1))


class SmallEncoder:
    """`vertikit.contracts.GraphBackbone`: a BERT of two layers and width 32, with random weights that count as
    pretrained; the same every time."""

    def __init__(self) -> None:
        from transformers import BertConfig, BertModel

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(7)
            encoder = BertModel(
                BertConfig(
                    vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=2,
                    intermediate_size=2 * WIDTH, max_position_embeddings=LONGEST,
                ),
                add_pooling_layer=False,
            )  # fmt: skip
        self.module: nn.Module = MeanOfTokens(encoder).eval()
        self.info = BackboneInfo(
            name="the kit's small encoder", source="made by the conformance kit", modality="text",
            pretrained=True, licence="Apache-2.0", languages=(),
            parameters=sum(each.numel() for each in encoder.parameters()), width=WIDTH, max_length=LONGEST,
            layers=LAYERS, adapter_targets=("query", "value"), sha256="0" * 64,
        )  # fmt: skip
        self.fingerprint = "the kit's small encoder"

    def items(self, values: Sequence[str]) -> HashedWords:
        """Words as numbers."""
        return HashedWords(values)

    def blocks(self) -> list[nn.Module]:
        """The embeddings, then the layers."""
        encoder: Any = self.module.get_submodule("encoder")
        encoder = getattr(encoder, "base_model", encoder)
        bert = getattr(encoder, "model", encoder)
        return [bert.embeddings, *bert.encoder.layer]

    def graph(self) -> Graph:
        """Of the BERT."""
        return Graph(
            "encoder",
            {
                "input_ids": torch.tensor([[1, 2, 3, 4], [1, 3, 0, 0]]),
                "attention_mask": torch.tensor([[1] * 4, [1, 1, 0, 0]]),
            },
            {name: {0: "windows", 1: "length"} for name in ("input_ids", "attention_mask")},
            lambda found: (found.last_hidden_state,),
            lambda tensors: SimpleNamespace(last_hidden_state=tensors[0]),
        )

    def features(self, values: Sequence[str]) -> Any:
        """Pooled [N, D] as numpy has them, in eval mode."""
        self.module.eval()
        items = self.items(values)
        with torch.no_grad():
            return self.module(**items.collate(np.arange(len(values)))).pooled.numpy()


def _number(word: str) -> int:
    return 2 + hashlib.sha256(word.encode()).digest()[0] % (VOCABULARY - 2)
