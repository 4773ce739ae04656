"""Texts that differ from another in a few words, found by MinHash and confirmed by their true likeness."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from vertikit.prepare.duplicates import compared_columns, texts
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

    Shingles = frozenset[int]

SHINGLE = 3
"""Words in a row that are compared as one."""
PERMUTATIONS = 128
RECALL = 0.999
"""The least probability of finding a pair that is just alike enough."""
DEVIATIONS = 3.5
"""By how many standard deviations a likeness estimated from signatures may be below the true one."""

_WORD = re.compile(r"\w+")


def near_duplicates(
    task: Task, examples: Examples, train: Indices, judged: Indices, threshold: float
) -> NDArray[np.bool_]:
    """[len(train)] whether a training example is nearly like one of the `judged` examples.

    Near is a Jaccard likeness of at least `threshold` between the sets of three words in a row, case and
    punctuation aside. Candidates come from MinHash with locality-sensitive hashing (Broder, "On the
    resemblance and containment of documents", 1997), which misses one pair in a thousand at most; every
    candidate is confirmed on the sets themselves.
    """
    import numpy as np

    columns = compared_columns(task)
    held = [_shingles(values) for values in texts(examples.take(judged), columns)]
    # A set of that likeness shares at least that part of itself. Few texts pass this, and it is cheap.
    vocabulary = frozenset().union(*held)
    suspects: dict[int, Shingles] = {}
    for at, values in enumerate(texts(examples.take(train), columns)):
        shingles = _shingles(values)
        if _share(shingles, vocabulary) >= threshold:
            suspects[at] = shingles
    suspected = frozenset().union(*suspects.values())
    held = [shingles for shingles in held if _share(shingles, suspected) >= threshold]
    near = np.zeros(len(train), bool)
    near[_alike_to_any(suspects, held, threshold)] = True
    return near


def _alike_to_any(suspects: dict[int, Shingles], held: Sequence[Shingles], threshold: float) -> list[int]:
    """The keys of suspects that are alike to one of `held`."""
    if not suspects or not held:
        return []
    import numpy as np
    from datasketch import MinHash, MinHashLSH

    def signature(shingles: Shingles) -> MinHash:
        result = MinHash(num_perm=PERMUTATIONS, hashfunc=int)
        result.update_batch(shingles)
        return result

    index = MinHashLSH(num_perm=PERMUTATIONS, params=_bands(threshold))
    signatures = np.empty((len(held), PERMUTATIONS), np.uint64)
    for place, shingles in enumerate(held):
        hashed = signature(shingles)
        signatures[place] = hashed.hashvalues
        index.insert(place, hashed)
    enough = threshold - DEVIATIONS * math.sqrt(threshold * (1 - threshold) / PERMUTATIONS)
    found = []
    for at, shingles in suspects.items():
        hashed = signature(shingles)
        candidates = np.array(sorted(index.query(hashed)), np.int64)
        likeness = np.mean(signatures[candidates] == hashed.hashvalues.astype(np.uint64), axis=1)
        best_first = candidates[np.argsort(-likeness, kind="stable")]
        likely = best_first[: np.count_nonzero(likeness >= enough)]
        if any(_jaccard(shingles, held[place]) >= threshold for place in likely):
            found.append(at)
    return found


def _bands(threshold: float) -> tuple[int, int]:
    """Bands, and values in each: as selective as RECALL allows."""
    options = [(PERMUTATIONS // rows, rows) for rows in range(1, PERMUTATIONS // 2 + 1)]
    return max(
        ((bands, rows) for bands, rows in options if 1 - (1 - threshold**rows) ** bands >= RECALL),
        key=lambda option: option[1],
    )


def _shingles(values: Iterable[str]) -> Shingles:
    """Checksums of each three words in a row of each value; a shorter value is one shingle.

    Python's own hash differs from process to process, and the count with it, were two to collide.
    """
    found: set[int] = set()
    for value in values:
        words = _WORD.findall(value.casefold())
        runs = zip(*(words[at:] for at in range(min(SHINGLE, len(words)))), strict=False)
        found.update(crc32(" ".join(run).encode()) for run in runs)
    return frozenset(found)


def _share(shingles: Shingles, others: Shingles) -> float:
    return len(shingles & others) / len(shingles) if shingles else 0.0


def _jaccard(one: Shingles, other: Shingles) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
