"""Batches filled by a token budget over length-sorted examples: packed once, shuffled by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from torch.utils.data import Sampler

from vertikit.contracts import Items

if TYPE_CHECKING:
    from vertikit.examples import Indices


def pack(
    inputs: Mapping[str, Items], indices: Indices, *, tokens: int, rows: int, seed: int
) -> list[Indices]:
    """Batches of positions that cover `indices` once each.

    Examples are sorted by length, ties in an order drawn by `seed`. A batch holds at most `rows`
    examples, and at most `tokens` padded tokens unless one example alone has more.
    """
    order = np.random.default_rng(seed).permutation(indices)
    if all((items.lengths == 1).all() and (items.windows == 1).all() for items in inputs.values()):
        size = min(rows, max(1, tokens))
        return [order[start : start + size] for start in range(0, len(order), size)]
    lengths = np.max([items.lengths[order] for items in inputs.values()], axis=0)
    windows = np.sum([items.windows[order] for items in inputs.values()], axis=0)
    by_length = np.argsort(lengths, kind="stable")
    batches: list[Indices] = []
    start, in_batch = 0, 0
    for stop, position in enumerate(by_length):
        in_batch += int(windows[position])
        full = in_batch * int(lengths[position]) > tokens or stop - start >= rows
        if full and stop > start:
            batches.append(order[by_length[start:stop]])
            start, in_batch = stop, int(windows[position])
    if start < len(by_length):
        batches.append(order[by_length[start:]])
    return batches


def padding_ratio(inputs: Mapping[str, Items], indices: Indices, rows: int, seed: int) -> float:
    """Padded tokens of batches in random order over the tokens themselves: what sorting by length saves."""
    order = np.random.default_rng(seed).permutation(indices)
    padded = real = 0
    for items in inputs.values():
        for start in range(0, len(order), rows):
            batch = order[start : start + rows]
            padded += int(items.lengths[batch].max() * items.windows[batch].sum())
            real += int((items.lengths[batch] * items.windows[batch]).sum())
    return padded / max(real, 1)


class EpochOrder(Sampler[list[int]]):
    """The packed batches, each once an epoch, in an order drawn by (seed, epoch)."""

    def __init__(self, batches: list[Indices], seed: int) -> None:
        self._batches = batches
        self._seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch, so that a resumed epoch has the same order."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        for position in np.random.default_rng((self._seed, self.epoch)).permutation(len(self._batches)):
            yield self._batches[position].tolist()
