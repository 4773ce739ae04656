"""Texts as windows of tokens: a text longer than the encoder takes is read in overlapping windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
    """Tokenised texts, ready to be batched: `vertikit.contracts.Items`."""

    def __init__(
        self, texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, windowing: Windowing
    ) -> None:
        before, after = _specials(tokenizer)
        capacity = windowing.length - len(before) - len(after)
        self._pad = tokenizer.pad_token_id or 0
        self._pieces: list[list[NDArray[np.int32]]] = []
        left_out = []
        for chunk in range(0, len(texts), 4096):
            ids = tokenizer(
                list(texts[chunk : chunk + 4096]),
                add_special_tokens=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )["input_ids"]
            for row in ids:
                spans, beyond = windowing.cut(len(row), capacity)
                left_out.append(beyond)
                self._pieces.append(
                    [np.asarray([*before, *row[start:stop], *after], dtype=np.int32) for start, stop in spans]
                )
        self.left_out = np.asarray(left_out, dtype=np.int64)
        self.windows = np.asarray([len(pieces) for pieces in self._pieces], dtype=np.int64)
        self.lengths = np.asarray(
            [max(len(piece) for piece in pieces) for pieces in self._pieces], dtype=np.int64
        )

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """input_ids and attention_mask [W, L]; owner [W], the row of the batch that a window belongs to;
        share [W], its part of that row's tokens."""
        rows = [self._pieces[index] for index in indices]
        pieces = [piece for row in rows for piece in row]
        length = max(len(piece) for piece in pieces)
        ids = np.full((len(pieces), length), self._pad, dtype=np.int64)
        mask = np.zeros((len(pieces), length), dtype=np.int64)
        for line, piece in enumerate(pieces):
            ids[line, : len(piece)] = piece
            mask[line, : len(piece)] = 1
        share = np.concatenate([_shares(row) for row in rows])
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            "owner": torch.from_numpy(owner),
            "share": torch.from_numpy(share),
        }


def _shares(row: list[NDArray[np.int32]]) -> NDArray[np.float32]:
    sizes = np.asarray([len(piece) for piece in row], dtype=np.float32)
    shares: NDArray[np.float32] = sizes / sizes.sum()
    return shares


def _specials(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special tokens before and after a text, read off the tokenizer's own output."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a", add_special_tokens=True)["input_ids"]
    for start in range(len(full) - len(bare) + 1):
        if full[start : start + len(bare)] == bare:
            return full[:start], full[start + len(bare) :]
    return [], []
