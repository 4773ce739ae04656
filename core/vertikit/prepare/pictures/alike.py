"""Pictures that look alike: shots of one part, a film that was saved twice, a slice and the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.prepare.pictures.shrinking import grey, resized

if TYPE_CHECKING:
    from vertikit.examples import Indices
    from vertikit.pictures import Pictures

BITS = 16
"""Of 256 by which the hashes of two pictures may differ: those of one picture saved twice, in two sizes or qualities,
differ in few, those of two pictures in some hundred."""
ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1)
"""How many bits a byte has."""
SMALL = 32
"""Side of the small grey pictures whose correlation decides."""
LARGEST_BUCKET = 500
"""Pictures with an equal piece of hash that are compared with each other one by one; blank ones share all of it."""


def near_pairs(pictures: Pictures, likeness: float) -> list[tuple[int, int]]:
    """Pairs of distinct pictures (of the P) that look alike: their hashes differ in few bits, and the correlation of
    small grey versions is at least `likeness`.

    No pair within `BITS` is missed but in crowded buckets: hashes that differ in that few bits agree in at least one of
    `BITS` + 1 pieces.
    """
    small = _small(pictures)
    flat = small.std(axis=1) < 1e-6
    found = []
    for one, other in _candidates(pictures.hashes):
        if flat[one] or flat[other]:
            continue
        if _correlation(small[one], small[other]) >= likeness:
            found.append((one, other))
    return found


def alike(pictures: Pictures, likeness: float) -> Indices:
    """[N] equal numbers for examples whose pictures look alike, directly or by way of others; -1 for one alone."""
    owner = list(range(len(pictures.digests)))

    def top(at: int) -> int:
        while owner[at] != at:
            owner[at] = owner[owner[at]]
            at = owner[at]
        return at

    for one, other in near_pairs(pictures, likeness):
        owner[max(top(one), top(other))] = min(top(one), top(other))
    tops = np.array([top(at) for at in range(len(owner))], np.int64)
    codes = np.where(pictures.known, tops[pictures.place] if len(tops) else -1, -1)
    names, counts = np.unique(codes[codes >= 0], return_counts=True)
    return np.where(np.isin(codes, names[counts > 1]), codes, -1)


def kept_together(groups: NDArray[np.object_] | None, codes: Indices) -> NDArray[np.object_] | None:
    """[N] what a split must not divide: the groups, joined where one has a picture that looks like one of another.

    `codes` [N] is what `alike` gives. None where every example is alone.
    """
    if groups is None:
        named = np.array([f"alike-{code}" if code >= 0 else None for code in codes.tolist()], object)
        return named if (codes >= 0).any() else None
    owner: dict[object, object] = {}

    def top(name: object) -> object:
        while owner.setdefault(name, name) != name:
            name = owner[name]
        return name

    names: list[object] = [
        ("group", group) if group is not None else ("row", at) for at, group in enumerate(groups)
    ]
    for name, code in zip(names, codes.tolist(), strict=True):
        if code >= 0:
            owner[top(name)] = top(("alike", code))
    labels = {name: top(name) for name in names}
    numbers = {each: f"together-{at}" for at, each in enumerate(dict.fromkeys(labels.values()))}
    return np.array([numbers[labels[name]] for name in names], object)


def near_any(pictures: Pictures, others: Pictures, likeness: float) -> NDArray[np.bool_]:
    """[N] whether an example's picture looks like, and is not equal to, one of the others; both of one store."""
    there = np.zeros(len(pictures.digests), bool)
    there[others.place[others.known]] = True
    near = np.zeros(len(pictures.digests), bool)
    for one, other in near_pairs(pictures, likeness):
        near[one] |= there[other]
        near[other] |= there[one]
    found = np.zeros(len(pictures), bool)
    found[pictures.known] = near[pictures.place[pictures.known]]
    return found


def _candidates(hashes: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Pairs whose hashes [P, 4] differ in no more than `BITS` bits, each once, in order."""
    if not len(hashes):
        return []
    packed = hashes.view(np.uint8).reshape(len(hashes), -1)
    bits = np.unpackbits(packed, axis=1)
    found: set[tuple[int, int]] = set()
    for piece in np.array_split(np.arange(bits.shape[1]), BITS + 1):
        weights = 1 << np.arange(len(piece), dtype=np.int64)
        keys = bits[:, piece] @ weights
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.diff(keys[order], prepend=-1, append=-1))
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if stop - start < 2:
                continue
            members = order[start : min(stop, start + LARGEST_BUCKET)]
            one, other = np.triu_indices(len(members), 1)
            apart = ONES[packed[members[one]] ^ packed[members[other]]].sum(axis=1)
            near = apart <= BITS
            found.update(zip(members[one[near]].tolist(), members[other[near]].tolist(), strict=True))
    return sorted(found)


def _small(pictures: Pictures) -> NDArray[np.float32]:
    """[P, 1024] small grey versions of the distinct pictures."""
    found = np.empty((len(pictures.digests), SMALL * SMALL), np.float32)
    for at in range(len(found)):
        frames = pictures.picture(at)
        found[at] = resized(grey(frames[len(frames) // 2])[:, :, None], (SMALL, SMALL)).reshape(-1)
    return found


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
