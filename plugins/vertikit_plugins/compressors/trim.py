"""A smaller vocabulary: the pieces that the training texts are made of, and every single letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vertikit import UsageError
from vertikit.contracts import Backbone, Items
from vertikit_plugins.texts.vocabulary import smaller_vocabulary, vocabulary_size

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from vertikit.examples import Indices

FILE = "tokenizer.json"


@runtime_checkable
class TokenItems(Items, Protocol):
    """Items made of tokens."""

    def tokens(self) -> NDArray[np.int64]:
        """The distinct ones of all items."""
        ...


@runtime_checkable
class WordyBackbone(Backbone, Protocol):
    """An encoder with a vocabulary."""

    tokenizer: PreTrainedTokenizerBase

    def trim(self, kept: NDArray[np.int64], tokenizer: str) -> None:
        """Keep the embeddings of those tokens [V'], in order, and read by that tokenizer (its JSON)."""
        ...


class Trim:
    """`vertikit.contracts.Compressor` that drops the embeddings of what training never saw (Abdaoui et al. 2020,
    arXiv:2010.05609). A word of later texts that was not kept is read in smaller pieces.

    Args:
        further: pieces beside those, of the lowest numbers, which are the most frequent ones of general language in
            most vocabularies.
    """

    trains = False
    last = False
    ladder: Sequence[Mapping[str, Any]] = ({"further": 4000}, {})

    def __init__(self, *, further: int = 0) -> None:
        if further < 0:
            raise UsageError(f"compress.steps: trim.further is a count, not {further}.", "Take 0.")
        self._further = further

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:  # noqa: ARG002
        """Trim to the tokens of all these items, which are those of training."""
        if not isinstance(backbone, WordyBackbone) or not isinstance(items, TokenItems):
            raise UsageError(
                f"compress.steps: {backbone.info.name!r} has no vocabulary to trim.", "Take another step."
            )
        whole = backbone.tokenizer.vocab_size
        kept, tokenizer = smaller_vocabulary(backbone.tokenizer, items.tokens(), self._further)
        backbone.trim(kept, tokenizer)
        return f"{len(kept):,} of {whole:,} pieces of words"

    def save(self, backbone: Backbone, folder: Path) -> None:
        """The tokenizer; which pieces were kept is said by their number alone."""
        assert isinstance(backbone, WordyBackbone)
        tokenizer = backbone.tokenizer.backend_tokenizer.to_str()
        (folder / FILE).write_text(tokenizer, encoding="utf-8")

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """Read by that tokenizer; the embeddings are filled later."""
        assert isinstance(backbone, WordyBackbone)
        text = (folder / FILE).read_text(encoding="utf-8")
        backbone.trim(np.arange(vocabulary_size(text)), text)
