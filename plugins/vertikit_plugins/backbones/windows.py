"""Texts as windows of tokens: a text longer than the encoder takes is read in overlapping windows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vertikit.cells import AT_ONCE
from vertikit.scratch import Growing
from vertikit_plugins.backbones.augmenting.texts import TextAugmentation
from vertikit_plugins.backbones.augmenting.ways import source_of
from vertikit_plugins.portable.windowing import Windowing, shortened

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase

    from vertikit.examples import Indices


class TextItems:
    """Tokenised texts, ready to be batched: `vertikit.contracts.AugmentingItems`.

    Their tokens stand one after the other in one array, which is a file where it is large; windows are cut from it
    when a batch is put together.
    """

    def __init__(
        self,
        texts: Sequence[str | tuple[str, ...]],
        tokenizer: PreTrainedTokenizerBase,
        windowing: Windowing,
        augment: TextAugmentation | None = None,
    ) -> None:
        """`augment` says how training alters a text; of a tuple, the last of its texts."""
        self._augment = augment if augment is not None and augment.alters else None
        self._before, self._between, self._after = specials(tokenizer)
        self._windowing = windowing
        self._capacity = windowing.length - len(self._before) - len(self._after)
        self._pad = tokenizer.pad_token_id or 0
        tokens, begins = Growing(np.int32), Growing(np.bool_)
        measures = [np.empty((0, 5), np.int64)]
        for chunk in range(0, len(texts), AT_ONCE):
            parts = [
                (each,) if isinstance(each, str) else tuple(each) for each in texts[chunk : chunk + AT_ONCE]
            ]
            found = tokenizer(
                [text for row in parts for text in row],
                add_special_tokens=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )
            ids = found["input_ids"]
            kept: list[list[int]] = []
            place = 0
            where: list[NDArray[np.bool_]] = []
            measured = []
            for row in parts:
                *context, last = ids[place : place + len(row)]
                place += len(row)
                # The context stands before every window, so that none is read without it.
                held, lost = shortened(context, self._capacity // 2, len(self._between))
                head = [token for each in held for token in (*each, *self._between)]
                kept += [head, last]
                if self._augment is not None:
                    where += [np.zeros(len(head), bool), _beginnings(found, place - 1, len(last))]
                measured.append((len(head), len(last), *self._measures(len(head), len(last), lost)))
            measures.append(np.array(measured, np.int64))
            count = sum(map(len, kept))
            tokens.add(np.fromiter(chain.from_iterable(kept), np.int32, count=count))
            if where:
                begins.add(np.concatenate(where))
        self._tokens, self._begins = tokens.whole(), begins.whole()
        self._heads, lasts, self.lengths, self.windows, self.left_out = np.concatenate(measures).T.copy()
        self._starts = np.cumsum([0, *(self._heads + lasts)])

    def _measures(self, head: int, last: int, lost: int) -> tuple[int, int, int]:
        """(tokens of the longest window, windows, tokens left out) of a text of so many tokens."""
        spans, beyond = self._windowing.cut(last, self._capacity - head)
        around = len(self._before) + head + len(self._after)
        return around + max(stop - start for start, stop in spans), len(spans), lost + beyond

    def tokens(self) -> NDArray[np.int64]:
        """The distinct ones of all texts, and those around them."""
        around = np.array([*self._before, *self._between, *self._after], np.int64)
        return np.union1d(self._tokens, around).astype(np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """input_ids and attention_mask [W, L]; owner [W], the row of the batch that a window belongs to;
        share [W], its part of that row's tokens."""
        texts = [self._text(index) for index in indices]
        return self._batch(texts)

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The same of texts with words left out and exchanged; attention_mask is 0 at what is hidden of a window."""
        if self._augment is None:
            return self.collate(indices)
        texts, hidden = [], []
        for index in indices:
            head, last = self._text(index)
            random = source_of(seed, epoch, int(index))
            begins = self._begins[self._starts[index] + len(head) : self._starts[index + 1]]
            last = self._augment.reordered(last, begins, random)
            texts.append((head, last))
            windows, _ = self._windowing.cut(len(last), self._capacity - len(head))
            for start, stop in windows:
                one, other = self._augment.hidden(stop - start, random)
                before = len(self._before) + len(head)
                hidden.append((before + one, before + other))
        batch = self._batch(texts)
        for line, (start, stop) in enumerate(hidden):
            batch["attention_mask"][line, start:stop] = 0
        return batch

    def _text(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Tokens of what stands before every window of a text, and its own."""
        tokens = self._tokens[self._starts[index] : self._starts[index + 1]]
        head, last = np.split(tokens, [self._heads[index]])
        return head, last

    def _batch(self, texts: Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]]) -> dict[str, Tensor]:
        pieces: list[NDArray[np.int32]] = []
        cut = []
        for head, last in texts:
            spans, _ = self._windowing.cut(len(last), self._capacity - len(head))
            pieces += [np.concatenate([head, last[start:stop]]) for start, stop in spans]
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


def _beginnings(found: BatchEncoding, line: int, count: int) -> NDArray[np.bool_]:
    """Where words begin in one of the tokenised texts, of so many tokens; everywhere, where the tokenizer tells of
    none."""
    if not found.is_fast:
        return np.ones(count, bool)
    words = found.word_ids(line)
    return np.array([at == 0 or word is None or word != words[at - 1] for at, word in enumerate(words)], bool)


def specials(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int], list[int]]:
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
