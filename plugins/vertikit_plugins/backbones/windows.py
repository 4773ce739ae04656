"""Texts as windows of tokens: a text longer than the encoder takes is read in overlapping windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vertikit.cells import AT_ONCE
from vertikit.scratch import Growing

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from vertikit.examples import Indices


@dataclass(frozen=True)
class Windowing:
    """How long texts are cut.

    Args:
        length: tokens of a window, special tokens included.
        overlap: tokens that neighbouring windows share.
        most: windows of one text, at most; what lies beyond is counted as left out.
    """

    length: int
    overlap: int
    most: int

    def cut(self, tokens: int, capacity: int) -> tuple[list[tuple[int, int]], int]:
        """Spans (start, stop) that cover `tokens`, and how many tokens lie beyond them.

        Windows of one text are equally long, so that a batch of them carries little padding.
        """
        if tokens <= capacity:
            return [(0, tokens)], 0
        overlap = min(self.overlap, capacity // 2)
        count = -(-(tokens - overlap) // (capacity - overlap))
        left_out = 0
        if count > self.most:
            count = self.most
            covered = count * (capacity - overlap) + overlap
            left_out, tokens = tokens - covered, covered
        size = min(capacity, -(-(tokens + (count - 1) * overlap) // count))
        starts = np.linspace(0, tokens - size, count).round().astype(int)
        return [(int(start), int(start) + size) for start in starts], left_out


class TextItems:
    """Tokenised texts, ready to be batched: `vertikit.contracts.Items`.

    Their tokens stand one after the other in one array, which is a file where it is large; windows are cut from it
    when a batch is put together.
    """

    def __init__(
        self, texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, windowing: Windowing
    ) -> None:
        self._before, self._after = _specials(tokenizer)
        self._windowing = windowing
        self._capacity = windowing.length - len(self._before) - len(self._after)
        self._pad = tokenizer.pad_token_id or 0
        tokens = Growing(np.int32)
        counts, measures = [np.empty(0, np.int64)], [np.empty((0, 3), np.int64)]
        for chunk in range(0, len(texts), AT_ONCE):
            ids = tokenizer(
                list(texts[chunk : chunk + AT_ONCE]),
                add_special_tokens=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )["input_ids"]
            counts.append(np.fromiter(map(len, ids), np.int64, count=len(ids)))
            tokens.add(np.fromiter(chain.from_iterable(ids), np.int32, count=int(counts[-1].sum())))
            measures.append(np.array([self._measures(len(row)) for row in ids], np.int64))
        self._tokens = tokens.whole()
        self._starts = np.cumsum([0, *np.concatenate(counts)])
        self.lengths, self.windows, self.left_out = np.concatenate(measures).T.copy()

    def _measures(self, tokens: int) -> tuple[int, int, int]:
        """(tokens of the longest window, windows, tokens left out) of a text of so many tokens."""
        spans, beyond = self._windowing.cut(tokens, self._capacity)
        around = len(self._before) + len(self._after)
        return around + max(stop - start for start, stop in spans), len(spans), beyond

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """input_ids and attention_mask [W, L]; owner [W], the row of the batch that a window belongs to;
        share [W], its part of that row's tokens."""
        pieces: list[NDArray[np.int32]] = []
        cut = []
        for index in indices:
            tokens = self._tokens[self._starts[index] : self._starts[index + 1]]
            spans, _ = self._windowing.cut(len(tokens), self._capacity)
            pieces += [tokens[start:stop] for start, stop in spans]
            cut.append(len(spans))
        before, after = len(self._before), len(self._after)
        sizes = np.array([len(piece) for piece in pieces]) + before + after
        ids = np.full((len(pieces), sizes.max()), self._pad, dtype=np.int64)
        ids[:, :before] = self._before
        for line, (piece, size) in enumerate(zip(pieces, sizes, strict=True)):
            ids[line, before : size - after] = piece
            ids[line, size - after : size] = self._after
        owner = np.repeat(np.arange(len(cut)), cut)
        whole = np.bincount(owner, sizes)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy((np.arange(sizes.max()) < sizes[:, None]).astype(np.int64)),
            "owner": torch.from_numpy(owner),
            "share": torch.from_numpy((sizes / whole[owner]).astype(np.float32)),
        }


def _specials(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special tokens before and after a text, read off the tokenizer's own output."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a", add_special_tokens=True)["input_ids"]
    for start in range(len(full) - len(bare) + 1):
        if full[start : start + len(bare)] == bare:
            return full[:start], full[start + len(bare) :]
    return [], []
