"""How much of other texts an answer repeats, and how long it is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEVERAL = "|||"
"""Between references that are equally good, in one cell."""
ANSWERED = {"length": "words, as a logarithm", "negates": "whether it holds a negation"}
"""Numbers of an answer by itself."""
COMPARED = {
    "covered": "share of the other text's distinct words that the answer has",
    "taken": "share of the answer's distinct words that the other text has",
    "pairs": "share of the other text's pairs of neighbouring words that the answer has",
    "pieces": "cosine of counts of four-character pieces",
    "ratio": "words of the answer over those of the other text, as a logarithm",
}
"""Numbers of an answer beside another text; of several references, the one that it is most like."""
KEPT = 20_000
"""Texts whose words and pieces are kept: references come again with every answer."""
_WORD = re.compile(r"\w{2,}")
_NEGATION = re.compile(r"\b(?:not|no|never|none|without|cannot)\b|n't\b")


def overlap_features(others: Sequence[Sequence[str] | None], answers: Sequence[str]) -> NDArray[np.float64]:
    """[N, F]: the numbers of `ANSWERED`, then for each other text those of `COMPARED`, zeros where it is None."""
    rows = []
    for at, answer in enumerate(answers):
        row = [math.log1p(len(_words(answer))), float(bool(_NEGATION.search(answer.casefold())))]
        for texts in others:
            row += [0.0] * len(COMPARED) if texts is None else _overlap(texts[at], answer)
        rows.append(row)
    width = len(ANSWERED) + len(COMPARED) * len(others)
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), width)


def _overlap(others: str, answer: str) -> list[float]:
    """The five numbers against the text that the answer is most like."""
    return max((_compared(other, answer) for other in others.split(SEVERAL)), key=lambda found: found[3])


def _compared(other: str, answer: str) -> list[float]:
    ours, theirs = _words(answer), _words(other)
    common = len(set(ours) & set(theirs))
    pairs = set(pairwise(theirs))
    held = len(pairs & set(pairwise(ours)))
    return [
        common / max(1, len(set(theirs))),
        common / max(1, len(set(ours))),
        held / max(1, len(pairs)),
        _cosine(_pieces(other), _pieces(answer)),
        math.log((len(ours) + 1) / (len(theirs) + 1)),
    ]


@lru_cache(KEPT)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


@lru_cache(KEPT)
def _pieces(text: str) -> Counter[str]:
    folded = " ".join(text.casefold().split())
    return Counter(folded[start : start + 4] for start in range(max(1, len(folded) - 3)))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    product = sum(count * other[piece] for piece, count in one.items())
    lengths = sum(count**2 for count in one.values()) * sum(count**2 for count in other.values())
    return product / math.sqrt(lengths) if lengths else 0.0
