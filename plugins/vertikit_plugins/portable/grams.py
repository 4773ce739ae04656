"""Hashed n-grams of words and letters, as scikit-learn's HashingVectorizer has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LETTERS = range(3, 6)
"""How long n-grams of letters are; those of words have one or two."""
_WORD = re.compile(r"\w+")
_ALL = 0xFFFFFFFF


class Part:
    """`inputs` are grams [N, V], 1 where a row has an n-gram of that place.

    Settings: bindings, the names of the columns that each reads as one; buckets, V.
    """

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings
        self._known: dict[str, int] = {}

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
        """Of texts [N] by column, None where there is none; `grams_<at>` for each binding."""
        found = {}
        for at, names in enumerate(self._settings["bindings"]):
            there = [columns[name] for name in names if name in columns]
            texts = [" ".join(value or "" for value in row) for row in zip(*there, strict=True)]
            table = np.zeros((len(texts), self._settings["buckets"]), np.float32)
            for row, text in enumerate(texts):
                table[row, [self._place(gram) for gram in grams(text)]] = 1.0
            found[f"grams_{at}"] = table
        return found

    def _place(self, gram: str) -> int:
        if gram not in self._known:
            if len(self._known) > 1_000_000:
                self._known.clear()
            self._known[gram] = abs(murmur3(gram.encode("utf-8"))) % self._settings["buckets"]
        return self._known[gram]


def grams(text: str) -> Iterator[str]:
    """Words, pairs of neighbouring words, and within words, blanks around them included, three to five letters."""
    text = text.lower()
    words = _WORD.findall(text)
    yield from words
    yield from (" ".join(pair) for pair in pairwise(words))
    for word in text.split():
        padded = f" {word} "
        for size in LETTERS:
            yield from (padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
            if len(padded) <= size:
                break


def murmur3(key: bytes) -> int:
    """MurmurHash3 of 32 bits with the seed 0 (Appleby 2011, public domain), as a signed number."""
    found = 0
    whole = len(key) // 4 * 4
    for start in range(0, whole, 4):
        found ^= _mixed(int.from_bytes(key[start : start + 4], "little"))
        found = (_rotated(found, 13) * 5 + 0xE6546B64) & _ALL
    if whole < len(key):
        found ^= _mixed(int.from_bytes(key[whole:], "little"))
    found ^= len(key)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        found = ((found ^ (found >> shift)) * factor) & _ALL
    found ^= found >> 16
    return found - (1 << 32) if found & 0x80000000 else found


def _mixed(piece: int) -> int:
    return (_rotated((piece * 0xCC9E2D51) & _ALL, 15) * 0x1B873593) & _ALL


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _ALL
