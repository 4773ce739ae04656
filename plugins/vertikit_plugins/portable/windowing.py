"""How long texts are cut into windows of tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


def shortened(texts: list[list[int]], room: int, between: int) -> tuple[list[list[int]], int]:
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
