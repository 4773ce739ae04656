"""What is measured of texts: length, script, language, and words that training hardly had."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertikit.prepare.language import each_language
from vertikit.watch.measured import KINDS, NUMBERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Indices

_WORD = re.compile(r"[^\W\d_]+")
READ = 20_000
"""Characters of a text that are looked at."""
SHARED = 3
"""Texts that a word has to stand in to be kept: a name stands in one or two."""
MOST_WORDS = 10_000


def vocabulary(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Hashes of the words that several of the texts have, the most frequent first where they are many."""
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(set(_words(text)))
    often = [word for word, count in counts.most_common(MOST_WORDS) if count >= SHARED]
    return np.unique(np.array(often, np.uint32))


def of_texts(
    column: Column, texts: Sequence[str], rows: Indices, known: NDArray[np.uint32] | None
) -> Iterator[Measured]:
    """Measurements of the texts [n] of a column; `known` is its vocabulary. An empty text has none but its length."""
    lengths = np.array([len(text) for text in texts], np.float64)
    words = [_words(text) for text in texts]
    counts = np.array([len(each) for each in words], np.float64)
    name = column.name

    def measured(what: str, values: NDArray[np.float64]) -> Measured:
        return Measured(f"{name}: {what}", name, NUMBERS, values, rows, column.private)

    yield measured("characters", lengths)
    yield measured("words", counts)
    yield measured("share of letters beyond ASCII", np.array([_foreign(text) for text in texts]))
    yield measured("share of digits", np.array([_digits(text) for text in texts]))
    if known is not None:
        every = np.array([word for each in words for word in each], np.uint32)
        place = np.repeat(np.arange(len(words)), counts.astype(np.int64))
        lacking = np.bincount(place, ~np.isin(every, known), minlength=len(words))
        share = np.where(counts > 0, lacking / np.maximum(counts, 1), np.nan)
        yield measured("share of words new or rare in training", share)
    languages = np.array([each or "not plain" for each in each_language(texts)], object)
    yield Measured(f"{name}: language", name, KINDS, languages, rows)


def _words(text: str) -> list[int]:
    return [zlib.crc32(word.encode("utf-8", "replace")) for word in _WORD.findall(text[:READ].casefold())]


def _foreign(text: str) -> float:
    letters = [letter for letter in text[:READ] if letter.isalpha()]
    return sum(not letter.isascii() for letter in letters) / len(letters) if letters else np.nan


def _digits(text: str) -> float:
    shown = [letter for letter in text[:READ] if not letter.isspace()]
    return sum(letter.isdigit() for letter in shown) / len(shown) if shown else np.nan
