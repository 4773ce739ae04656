"""Texts that differ from another in a few words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
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
PAIRS_AT_ONCE = 5_000_000

_WORD = re.compile(r"\w+")


def near_duplicates(
    task: Task, examples: Examples, train: Indices, judged: Indices, threshold: float
) -> NDArray[np.bool_]:
    """[len(train)] whether a training example is nearly like one of the `judged` examples.

    Near is a Jaccard likeness of at least `threshold` between the sets of three words in a row, case and
    punctuation aside (Broder, "On the resemblance and containment of documents", 1997). No pair is missed:
    sets of that likeness share at least that part of themselves, which few texts do and is quick to see;
    for those, common members are counted with a sparse product.
    """
    import numpy as np

    columns = compared_columns(task)
    if not columns:
        return np.zeros(len(train), bool)
    held = [_shingles(values) for values in texts(examples.take(judged), columns)]
    known = frozenset().union(*held)
    suspects: dict[int, Shingles] = {}
    for at, values in enumerate(texts(examples.take(train), columns)):
        shingles = _shingles(values)
        if _mostly_in(shingles, known, threshold):
            suspects[at] = shingles
    suspected = frozenset().union(*suspects.values())
    held = [shingles for shingles in held if _mostly_in(shingles, suspected, threshold)]
    near = np.zeros(len(train), bool)
    if suspects and held:
        near[list(suspects)] = _alike_to_any(list(suspects.values()), held, threshold)
    return near


def _alike_to_any(
    suspects: Sequence[Shingles], held: Sequence[Shingles], threshold: float
) -> NDArray[np.bool_]:
    """[len(suspects)] whether a set is alike to any of `held`."""
    import numpy as np

    places = {shingle: place for place, shingle in enumerate(frozenset().union(*held))}
    others = _membership(held, places).T.tocsr()
    own = _membership(suspects, places)
    sizes = np.array([len(shingles) for shingles in suspects])
    other_sizes = np.array([len(shingles) for shingles in held])
    alike = np.zeros(len(suspects), bool)
    step = max(1, PAIRS_AT_ONCE // len(held))
    for start in range(0, len(suspects), step):
        shared = (own[start : start + step] @ others).tocoo()
        row = shared.row + start
        union = sizes[row] + other_sizes[shared.col] - shared.data
        alike[row[shared.data / union >= threshold]] = True
    return alike


def _membership(sets: Sequence[Shingles], places: Mapping[int, int]) -> Any:
    """A sparse matrix [sets, places] of ones; members without a place are left out."""
    import numpy as np
    from scipy.sparse import csr_matrix

    members = [[places[shingle] for shingle in shingles if shingle in places] for shingles in sets]
    ends = np.cumsum([0, *map(len, members)])
    flat = np.fromiter((place for each in members for place in each), np.int32, count=int(ends[-1]))
    return csr_matrix((np.ones(len(flat), np.int32), flat, ends), shape=(len(sets), len(places)))


def _shingles(values: Iterable[str]) -> Shingles:
    """Checksums of each three words in a row of each value; a shorter value is one shingle."""
    found: set[int] = set()
    for value in values:
        words = _WORD.findall(value.casefold())
        runs = zip(*(words[at:] for at in range(min(SHINGLE, len(words)))), strict=False)
        found.update(crc32(" ".join(run).encode()) for run in runs)
    return frozenset(found)


def _mostly_in(shingles: Shingles, others: Shingles, threshold: float) -> bool:
    return bool(shingles) and len(shingles & others) / len(shingles) >= threshold
