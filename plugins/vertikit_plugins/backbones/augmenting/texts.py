"""Texts with words left out, exchanged or hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vertikit_plugins.backbones.augmenting.ways import Ways

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class TextAugmentation(Ways):
    """Random deletion and random swap of words (Wei and Zou 2019, arXiv:1901.11196), and cutoff of a span of tokens
    (Shen et al. 2020, arXiv:2009.13818).

    `delete` is the chance of each word to be left out (one stays at the least); `swap` the share of words that change
    places with another; `cutoff` the share of the tokens, side by side, that the encoder does not see.
    """

    thing: ClassVar[str] = "text"
    most: ClassVar[Mapping[str, float]] = {"delete": 0.9, "swap": 1.0, "cutoff": 0.9}

    def reordered(
        self, tokens: NDArray[np.int32], begins: NDArray[np.bool_], random: np.random.Generator
    ) -> NDArray[np.int32]:
        """Tokens [n] of a text, of which `begins` says where words begin, with words left out and exchanged."""
        delete, swap = self.strength("delete"), self.strength("swap")
        if not (delete or swap) or not len(tokens):
            return tokens
        starts = np.union1d([0], np.flatnonzero(begins)).astype(np.int64)
        words = np.split(tokens, starts[1:])
        # Drawn whether or not the way is asked for, so that one way does not change what another does.
        kept, first = random.random(len(words)) >= delete, int(random.integers(len(words)))
        order = np.arange(len(words))
        for _ in range(round(swap * len(words) / 2)):
            one, other = random.integers(len(words), size=2)
            order[[one, other]] = order[[other, one]]
        if not kept.any():
            kept[first] = True
        return np.concatenate([words[at] for at in order if kept[at]])

    def hidden(self, count: int, random: np.random.Generator) -> tuple[int, int]:
        """(start, stop) of what is not seen of so many tokens; one is seen at the least."""
        size = min(round(self.strength("cutoff") * count), count - 1)
        if size < 1:
            return 0, 0
        start = int(random.integers(count - size + 1))
        return start, start + size
