"""A few of many vectors that lie near all of them: what a memory bank keeps of the patches of sound pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTORTION = 0.9
"""Of distances, as far as a random projection may bend them where centres are chosen (Roth et al. 2022)."""


class Reservoir:
    """A uniform sample of vectors that come in batches (Vitter 1985, algorithm R, a batch at a time).

    Args:
        most: how many are kept. width: of a vector. random: draws them.
    """

    def __init__(self, most: int, width: int, random: np.random.Generator) -> None:
        self._kept = np.empty((most, width), np.float32)
        self._random = random
        self.seen = 0

    @property
    def kept(self) -> NDArray[np.float32]:
        """[n, D] of those seen."""
        return self._kept[: min(self.seen, len(self._kept))]

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Take in vectors [n, D]."""
        room = max(0, len(self._kept) - self.seen)
        first, rest = vectors[:room], vectors[room:]
        self._kept[self.seen : self.seen + len(first)] = first
        if len(rest):
            number = np.arange(self.seen + len(first), self.seen + len(vectors))
            place = (self._random.random(len(rest)) * (number + 1)).astype(np.int64)
            stays = place < len(self._kept)
            self._kept[place[stays]] = rest[stays]
        self.seen += len(vectors)


def projected(vectors: NDArray[np.float32], random: np.random.Generator, most: int) -> NDArray[np.float32]:
    """[n, d] sparse random projections (Li, Hastie and Church 2006) in which distances hold up to `DISTORTION` by the
    lemma of Johnson and Lindenstrauss, or to `most` dimensions; the vectors as they are where they have no more."""
    from sklearn.random_projection import SparseRandomProjection, johnson_lindenstrauss_min_dim

    wanted = int(johnson_lindenstrauss_min_dim(max(2, len(vectors)), eps=DISTORTION))
    wanted = min(wanted, most)
    if wanted >= vectors.shape[1]:
        return vectors
    seed = int(random.integers(2**31))
    found: NDArray[np.float32] = SparseRandomProjection(
        n_components=wanted, dense_output=True, random_state=seed
    ).fit_transform(vectors)
    return np.ascontiguousarray(found, np.float32)


def k_centers(vectors: NDArray[np.float32], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Positions [count] of centres among vectors [n, d]: each next one is the farthest from those before (Gonzalez
    1985; no choice of as many has a largest distance of less than half of this one's).

    In memory of n distances, and one product of the matrix with a vector for each centre.
    """
    count = min(count, len(vectors))
    chosen = np.empty(count, np.int64)
    squared = np.einsum("nd,nd->n", vectors, vectors)
    at = int(random.integers(len(vectors)))
    nearest = np.full(len(vectors), np.inf, np.float32)
    for number in range(count):
        chosen[number] = at
        apart = squared - 2 * (vectors @ vectors[at]) + squared[at]
        np.minimum(nearest, apart, out=nearest)
        nearest[at] = -np.inf
        at = int(nearest.argmax())
    return np.sort(chosen)
