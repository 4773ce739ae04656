"""Texts that differ from another in a few words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from vertikit.prepare.duplicates import compared_columns, texts
from vertikit.prepare.pictures.alike import near_any
from vertikit.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

    Shingles = NDArray[np.uint32]
    """Sorted, each once: a twentieth of what a Python set takes."""

SHINGLE = 3
"""Words in a row that are compared as one."""
PAIRS_AT_ONCE = 5_000_000

_WORD = re.compile(r"\w+")


def near_duplicates(
    task: Task, examples: Examples, train: Indices, judged: Indices, threshold: float, alikeness: float = 1.0
) -> NDArray[np.bool_]:
    """[len(train)] whether a training example is nearly like one of the `judged` examples.

    Near is a Jaccard likeness of at least `threshold` between the sets of three words in a row, case and
    punctuation aside (Broder, "On the resemblance and containment of documents", 1997). No pair is missed:
    sets of that likeness share at least that part of themselves, which few texts do and is quick to see;
    for those, common members are counted with a sparse product. Pictures are compared by what they show, at a
    likeness of `alikeness` (see `vertikit.prepare.pictures.alike`).
    """
    columns = compared_columns(task)
    near = np.zeros(len(train), bool)
    pictured = next((each.name for each in columns if each.name in examples.pictures), None)
    if pictured is not None:
        pictures = examples.pictures[pictured]
        return near_any(pictures.take(train), pictures.take(judged), alikeness)
    if not columns:
        return near
    held = [_shingles(values) for values in texts(examples.take(judged), columns)]
    known = _union(held)
    suspects: dict[int, Shingles] = {}
    for at, values in enumerate(texts(examples.take(train), columns)):
        shingles = _shingles(values)
        if _mostly_in(shingles, known, threshold):
            suspects[at] = shingles
    suspected = _union(list(suspects.values()))
    held = [shingles for shingles in held if _mostly_in(shingles, suspected, threshold)]
    if suspects and held:
        near[list(suspects)] = _alike_to_any(list(suspects.values()), held, threshold)
    return near


def _alike_to_any(
    suspects: Sequence[Shingles], held: Sequence[Shingles], threshold: float
) -> NDArray[np.bool_]:
    """[len(suspects)] whether a set is alike to any of `held`."""
    places = _union(held)
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


def _membership(sets: Sequence[Shingles], places: Shingles) -> Any:
    """A sparse matrix [sets, places] of ones; members without a place are left out."""
    from scipy.sparse import csr_matrix

    flat, row = np.concatenate(sets), np.repeat(np.arange(len(sets)), [len(each) for each in sets])
    found = _is_in(flat, places)
    ones = np.ones(int(found.sum()), np.int32)
    columns = np.searchsorted(places, flat[found])
    return csr_matrix((ones, (row[found], columns)), shape=(len(sets), len(places)))


def _shingles(values: Iterable[str]) -> Shingles:
    """Checksums of each three words in a row of each value; a shorter value is one shingle."""
    found: set[int] = set()
    for value in values:
        words = _WORD.findall(value.casefold())
        runs = zip(*(words[at:] for at in range(min(SHINGLE, len(words)))), strict=False)
        found.update(crc32(" ".join(run).encode()) for run in runs)
    return np.sort(np.fromiter(found, np.uint32, count=len(found)))


def _union(sets: Sequence[Shingles]) -> Shingles:
    return np.unique(np.concatenate([np.empty(0, np.uint32), *sets]))


def _is_in(shingles: Shingles, others: Shingles) -> NDArray[np.bool_]:
    """[len(shingles)] which are among `others`."""
    if not len(others):
        return np.zeros(len(shingles), bool)
    at = np.minimum(np.searchsorted(others, shingles), len(others) - 1)
    return np.asarray(others[at] == shingles)


def _mostly_in(shingles: Shingles, others: Shingles, threshold: float) -> bool:
    return len(shingles) > 0 and _is_in(shingles, others).sum() / len(shingles) >= threshold
