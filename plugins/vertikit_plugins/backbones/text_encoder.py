"""A Transformers encoder of texts as a backbone: windows in, one vector a text out."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import BackboneInfo, Features, Graph, Hold, Outlet, Portable
from vertikit_plugins.backbones.augmenting.texts import TextAugmentation
from vertikit_plugins.backbones.masked_words import MaskedWords
from vertikit_plugins.backbones.simcse import SimCse, has_dropout
from vertikit_plugins.backbones.windows import TextItems, specials
from vertikit_plugins.portable.windowing import Windowing

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Pooling = Literal["mean", "cls"]


class TextEncoder(nn.Module):
    """Mean (or first) token of each window, and the mean of a text's windows by their length.

    With `normalise`, features have length 1, as sentence encoders were trained to be compared.
    """

    def __init__(self, encoder: PreTrainedModel, pooling: Pooling, normalise: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.normalise = normalise

    def forward(self, input_ids: Tensor, attention_mask: Tensor, owner: Tensor, share: Tensor) -> Features:
        """input_ids, attention_mask [W, L]; owner, share [W] -> pooled [B, D]."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        pooled = windows = self.of_windows(hidden, attention_mask)
        if len(owner) != int(owner[-1]) + 1:
            pooled = windows.new_zeros(int(owner[-1]) + 1, windows.shape[1])
            pooled = pooled.index_add(0, owner, windows * share.unsqueeze(-1))
        return self.of_texts(pooled)

    def of_windows(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """Tokens [W, L, D] -> windows [W, D]."""
        if self.pooling == "cls":
            return hidden[:, 0].float()
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        windows: Tensor = (hidden * mask).sum(1) / mask.sum(1)
        return windows.float()

    def of_texts(self, pooled: Tensor) -> Features:
        """Texts [B, D], as long as they are to be."""
        return Features(pooled=functional.normalize(pooled) if self.normalise else pooled)


class TextBackbone:
    """`vertikit.contracts.Backbone` for a loaded encoder and its tokenizer."""

    def __init__(
        self,
        info: BackboneInfo,
        encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        windowing: Windowing,
        pooling: Pooling,
        normalise: bool,
        masked: Callable[[], PreTrainedModel] | None = None,
        augment: TextAugmentation | None = None,
    ) -> None:
        """`masked` gives the encoder once more with its masked-language head, where it has one; `augment` says how
        training alters texts."""
        self._augment = augment or TextAugmentation()
        self.info = info
        self._masked = masked
        self.module = TextEncoder(encoder, pooling, normalise)
        self.tokenizer = tokenizer
        self._windowing = windowing
        settings = (info.sha256, info.layers, windowing, pooling, normalise)
        self.fingerprint = hashlib.sha256(repr(settings).encode()).hexdigest()

    def items(self, values: Sequence[str | tuple[str, ...]]) -> TextItems:
        """Tokenised windows of texts; the texts of a tuple are read as one, with windows of the last."""
        return TextItems(values, self.tokenizer, self._windowing, self._augment)

    def share(self, hold: Hold) -> None:
        """The tokenizer, with others of the same content: it weighs as much as a layer."""
        if not self.tokenizer.is_fast:
            return
        told = repr(
            (
                self.tokenizer.backend_tokenizer.to_str(),
                type(self.tokenizer).__name__,
                self.tokenizer.pad_token_id,
            )
        )
        self.tokenizer = hold(f"tokenizer {hashlib.sha256(told.encode()).hexdigest()}", self.tokenizer)

    @property
    def alters(self) -> bool:
        """Whether training sees texts altered."""
        return self._augment.alters

    def graph(self) -> Graph:
        """Of the transformer, without what makes one vector of its tokens."""
        return Graph(
            "encoder",
            {
                "input_ids": torch.tensor([[1, 2, 3, 4], [2, 3, 1, 1]]),
                "attention_mask": torch.tensor([[1] * 4, [1, 1, 0, 0]]),
            },
            {name: {0: "windows", 1: "length"} for name in ("input_ids", "attention_mask")},
            lambda found: (found.last_hidden_state,),
            lambda tensors: SimpleNamespace(last_hidden_state=tensors[0]),
        )

    def outlet(self, bindings: int) -> Outlet:
        """Windows of all texts go through the encoder together; each binding pools its own."""
        graph = self.graph()
        names = [f"pooling_{at}" for at in range(bindings)]
        windows = {key: torch.cat([value, value[:1]]) for key, value in graph.inputs.items()}
        shares = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])

        def after(tensors: Sequence[Tensor], inputs: Mapping[str, Tensor]) -> list[Features]:
            found = self.module.of_windows(tensors[0], inputs["attention_mask"])
            return [self.module.of_texts(inputs[name] @ found) for name in names]

        # A tensor of its own for each: tracing takes one tensor for one input.
        return Outlet(
            {**windows, **{name: shares.clone() for name in names}},
            {**graph.flexible, **{name: {0: "rows", 1: "windows"} for name in names}},
            lambda inputs: (inputs["input_ids"], inputs["attention_mask"]),
            after,
        )

    def portable(self, bindings: Sequence[Sequence[str]]) -> Portable:
        """Texts without the kit; UsageError of a tokenizer that is no file."""
        if not self.tokenizer.is_fast:
            raise UsageError(
                f"the tokenizer of {self.info.name!r} is written in Python, and cannot leave as a file.",
                "Take an encoder with a tokenizer.json.",
            )
        before, between, after = specials(self.tokenizer)
        window = self._windowing
        settings = {
            "bindings": [list(names) for names in bindings],
            "length": window.length, "overlap": window.overlap, "most": window.most,
            "before": before, "between": between, "after": after, "pad": self.tokenizer.pad_token_id or 0,
        }  # fmt: skip
        return Portable(
            ("vertikit_plugins.portable.windowing", "vertikit_plugins.portable.texts"),
            settings,
            files={"tokenizer.json": self.tokenizer._tokenizer.to_str().encode("utf-8")},
            packages=("tokenizers",),
            columns=tuple(dict.fromkeys(name for names in bindings for name in names)),
        )

    def trim(self, kept: NDArray[np.int64], tokenizer: str) -> None:
        """Keep the embeddings of those tokens [V'], in order, and read by that tokenizer (its JSON); UsageError where
        positions are counted from a padding token that has moved."""
        from tokenizers import Tokenizer

        encoder = self.module.encoder
        old = encoder.get_input_embeddings()
        assert isinstance(old, nn.Embedding)
        before = self.tokenizer.pad_token_id
        read = copy.deepcopy(self.tokenizer)
        read._tokenizer = Tokenizer.from_str(tokenizer)
        if read.pad_token_id != before and old.padding_idx is not None:
            raise UsageError(
                f"compress.steps: {self.info.name!r} counts positions from its padding token, which would move.",
                "Leave trim out.",
            )
        new = nn.Embedding(len(kept), old.embedding_dim, old.padding_idx)
        new.weight.data.copy_(old.weight.data[torch.from_numpy(kept)])
        encoder.set_input_embeddings(new)
        encoder.config.vocab_size = len(kept)
        self.tokenizer = read

    @property
    def pretexts(self) -> Mapping[str, float]:
        """Masked words where the weights have a head for them, and SimCSE; of a sentence encoder, SimCSE first."""
        found = {"simcse": 3e-5} if self._masked is None else {"mlm": 5e-5, "simcse": 3e-5}
        return dict(sorted(found.items(), reverse=self.module.normalise))

    def pretext(self, name: str) -> nn.Module:
        """One of them; UsageError where the encoder has no dropout for SimCSE to live on."""
        if name == "mlm" and self._masked is not None:
            return MaskedWords(self._masked(), self.tokenizer)
        if not has_dropout(self.module.encoder):
            raise UsageError(
                f"pretrain.task: simcse lives on dropout, and {self.info.name!r} has none.",
                "Take another: --set pretrain.task=mlm" if self._masked else "Take --set pretrain.epochs=0.",
            )
        return SimCse()

    def blocks(self) -> list[nn.Module]:
        """Embeddings, then the layers, from input to output."""
        encoder = self.module.encoder
        layers = next(
            module
            for module in encoder.modules()
            if isinstance(module, nn.ModuleList) and len(module) == self.info.layers
        )
        return [encoder.get_input_embeddings(), *layers]
