"""What an encoder is without the kit is what it is in it."""

from __future__ import annotations

import numpy as np

from vertikit_plugins.backbones.ngrams import _hashed
from vertikit_plugins.portable.grams import Part

TEXTS = [
    "Fever, and cough for 3 days!",
    "a",
    "",
    "É tout ça — naïve café",
    "ab c  d\n e12",
    "x" * 40 + " (y)",
    "日本語 テキスト",
]


def test_grams_are_hashed_as_scikit_learn_hashes_them():
    wanted = _hashed(TEXTS, 16384)
    found = Part({"bindings": [["t"]], "buckets": 16384}, {}).inputs({"t": TEXTS})["grams_0"]
    for row in range(len(TEXTS)):
        own = wanted.indices[wanted.indptr[row] : wanted.indptr[row + 1]]
        assert sorted(own) == np.flatnonzero(found[row]).tolist()
