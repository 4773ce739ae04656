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
        self, texts: Sequence[str | tuple[str, ...]], tokenizer: PreTrainedTokenizerBase, windowing: Windowing
    ) -> None:
        before, between, after = _specials(tokenizer)
        capacity = windowing.length - len(before) - len(after)
        self._pad = tokenizer.pad_token_id or 0
        self._pieces: list[list[NDArray[np.int32]]] = []
        left_out = []
        for chunk in range(0, len(texts), 4096):
            parts = [
                (each,) if isinstance(each, str) else tuple(each) for each in texts[chunk : chunk + 4096]
            ]
            ids = tokenizer(
                [text for row in parts for text in row],
                add_special_tokens=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )["input_ids"]
            place = 0
            for row in parts:
                *context, last = ids[place : place + len(row)]
                place += len(row)
                # The context stands before every window, so that none is read without it.
                kept, beyond = _shortened(context, capacity // 2, len(between))
                start = [*before, *(token for each in kept for token in (*each, *between))]
                spans, further = windowing.cut(len(last), capacity - (len(start) - len(before)))
                left_out.append(beyond + further)
                self._pieces.append(
                    [np.asarray([*start, *last[low:high], *after], dtype=np.int32) for low, high in spans]
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


def _shortened(texts: list[list[int]], room: int, between: int) -> tuple[list[list[int]], int]:
    """Texts before the last one, cut in equal shares where they have more tokens than there is room, and how many
    tokens that leaves out."""
    room -= between * len(texts)
    if sum(map(len, texts)) <= room:
        return texts, 0
    # Short ones leave what they do not need to the long ones.
    kept: dict[int, list[int]] = {}
    for rank, place in enumerate(sorted(range(len(texts)), key=lambda at: len(texts[at]))):
        share = max(0, room // (len(texts) - rank))
        kept[place] = texts[place][:share]
        room -= len(kept[place])
    return [kept[place] for place in range(len(texts))], sum(map(len, texts)) - sum(map(len, kept.values()))


def _specials(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int], list[int]]:
    """The special tokens before, between and after two texts, read off the tokenizer's own output."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a", add_special_tokens=True)["input_ids"]
    for start in range(len(full) - len(bare) + 1):
        if full[start : start + len(bare)] == bare:
            before, after = full[:start], full[start + len(bare) :]
            pair = tokenizer("a", "a", add_special_tokens=True)["input_ids"]
            between = pair[len(before) + len(bare) : len(pair) - len(after) - len(bare)]
            return before, between, after
    return [], [], []
