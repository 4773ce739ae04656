"""What stays of a measurement of the training rows: counts in bins, or of kinds by the hashes of their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.watch.clusters import Clusters, clusters
from vertikit.watch.measured import NUMBERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Groups = Sequence[NDArray[np.object_]]
    """Each [N]; rows that belong together, in one way or another."""

FINE, PRIVATE = 100, 20
"""Bins of a number, of equally many training rows, and of a private one."""
STEPS = 20
"""A number of at most so many different values is counted value by value."""
OWN = 50
"""So many kinds have a cell each; of more, each goes to one of as many by its hash, since a choice of the frequent ones
would be a choice of the lucky ones."""
MOST_KINDS = 20_000
"""Beyond this their names are not kept, and what is new is not told."""
NAMED = 20


@dataclass(frozen=True)
class Profile:
    """One measurement of the rows that new ones are compared with.

    Args:
        rows, missing: measured, and those of them without a value.
        counts: [C] rows in each cell. clusters: how alike rows of a group are.
        edges: of numbers, [C - 1] upper ends of the cells but the last. stepped: whether each is a value of its own,
            and the last cell is for all others.
        ends: of numbers that are not private, the least and the largest.
        known: of kinds, [K] hashes of their names, in order; None where there are too many. cells: of kinds, C.
        names: of kinds that have a cell each and are not private, in the order of `known`.
        once: kinds that one row has. key: of the hashes.
    """

    kind: str
    rows: int
    missing: int
    counts: NDArray[np.int64]
    clusters: Clusters
    edges: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    stepped: bool = False
    ends: tuple[float, float] | None = None
    known: NDArray[np.uint64] | None = None
    names: tuple[str, ...] = ()
    once: int = 0
    key: str = ""

    @property
    def own_cells(self) -> bool:
        """Whether each kind has a cell of its own, and the last one is for new kinds."""
        return self.known is not None and len(self.known) + 1 == len(self.counts)

    @property
    def ordered(self) -> bool:
        """Whether cells are neighbours, as bins are."""
        return self.kind == NUMBERS and not self.stepped

    def cells(self, each: Measured) -> NDArray[np.int64]:
        """[k] the cell of every value that is known."""
        values = each.values[each.known]
        if self.kind == NUMBERS:
            numbers = values.astype(np.float64)
            place = np.searchsorted(self.edges, numbers, side="left").astype(np.int64)
            if self.stepped and len(self.edges):
                place[self.edges[np.minimum(place, len(self.edges) - 1)] != numbers] = len(self.edges)
            return place
        codes, names = _coded(values)
        hashes = hashed(names, self.key)
        if self.own_cells and self.known is not None:
            place = np.searchsorted(self.known, hashes)
            found = np.append(self.known, np.uint64(0))[place] == hashes
            place = np.where(found & (place < len(self.known)), place, len(self.known))
        else:
            place = (hashes % np.uint64(OWN)).astype(np.int64)
        return np.asarray(place[codes], np.int64)

    def count(self, each: Measured) -> NDArray[np.int64]:
        """[C] rows of another sample in each cell."""
        return np.bincount(self.cells(each), minlength=len(self.counts)).astype(np.int64)

    def unknown(self, each: Measured) -> NDArray[np.bool_]:
        """[k] of the values that are known, whether it is a kind that these rows never had."""
        codes, names = _coded(each.values[each.known])
        hashes = hashed(names, self.key)
        new = ~np.isin(hashes, np.zeros(0, np.uint64) if self.known is None else self.known)
        return np.asarray(new[codes], bool)

    def saved(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """(JSON, arrays) that `read` takes."""
        tree = {
            "kind": self.kind, "rows": self.rows, "missing": self.missing, "alike": self.clusters.alike,
            "size": self.clusters.size, "stepped": self.stepped, "ends": self.ends, "names": list(self.names),
            "once": self.once, "key": self.key,
        }  # fmt: skip
        arrays: dict[str, NDArray[Any]] = {"counts": self.counts}
        if len(self.edges):
            arrays["edges"] = self.edges
        if self.known is not None:
            arrays["known"] = self.known
        return tree, arrays

    @classmethod
    def read(cls, tree: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Profile:
        """What `saved` gave."""
        ends = tree["ends"]
        return cls(
            str(tree["kind"]), int(tree["rows"]), int(tree["missing"]), arrays["counts"],
            Clusters(float(tree["alike"]), float(tree["size"])), arrays.get("edges", np.zeros(0)),
            bool(tree["stepped"]), None if ends is None else (float(ends[0]), float(ends[1])),
            arrays.get("known"), tuple(str(name) for name in tree["names"]), int(tree["once"]), str(tree["key"]),
        )  # fmt: skip


def profile(each: Measured, groups: Groups, key: str) -> Profile:
    """Of one measurement; `key` (hexadecimal) goes into the hashes of names."""
    known = each.known
    held = each.values[known]
    counted = _numbers(each, held.astype(np.float64)) if each.kind == NUMBERS else _kinds(each, held, key)
    empty = Profile(each.kind, len(known), int((~known).sum()), np.zeros(1, np.int64), Clusters(), **counted)
    cells = len(empty.edges) + 1
    if empty.kind != NUMBERS:
        cells = OWN if empty.known is None or len(empty.known) > OWN else len(empty.known) + 1
    sized = Profile(**{**vars(empty), "counts": np.zeros(cells, np.int64)})
    alike = clustered(sized, each, groups, Clusters())
    return Profile(**{**vars(sized), "counts": sized.count(each), "clusters": alike})


def clustered(own: Profile, each: Measured, groups: Groups, fallback: Clusters) -> Clusters:
    """How alike the rows of a group are in a measurement; of several ways to group, the one that leaves least."""
    cells, rows = own.cells(each), each.rows[each.known]
    found = [clusters(cells, part[rows], ordered=own.ordered, fallback=fallback) for part in groups]
    return min(found or [fallback], key=lambda each: each.worth(len(rows)))


def hashed(names: Sequence[str], key: str) -> NDArray[np.uint64]:
    """[n] 8 bytes of a keyed hash of each name."""
    salt = bytes.fromhex(key)
    digests = (
        blake2b(str(name).encode("utf-8", "surrogatepass"), digest_size=8, key=salt).digest()
        for name in names
    )
    return np.frombuffer(b"".join(digests), np.uint64)


def _numbers(each: Measured, held: NDArray[np.float64]) -> dict[str, Any]:
    if not len(held):
        return {}
    distinct = np.unique(held)
    if stepped := len(distinct) <= STEPS:
        edges = distinct
    else:
        shares = np.linspace(0, 1, (PRIVATE if each.private else FINE) + 1)[1:-1]
        edges = np.unique(np.quantile(held, shares))
        if each.private:
            edges = np.unique([float(f"{edge:.3g}") for edge in edges])
    ends = None if each.private else (float(distinct[0]), float(distinct[-1]))
    return {"edges": edges, "stepped": stepped, "ends": ends}


def _kinds(each: Measured, held: NDArray[np.object_], key: str) -> dict[str, Any]:
    codes, names = _coded(held)
    once = int((np.bincount(codes) == 1).sum()) if len(codes) else 0
    if len(names) > MOST_KINDS:
        return {"once": once, "key": key}
    hashes = hashed(names, key)
    order = np.argsort(hashes)
    shown = () if each.private or len(names) > OWN else tuple(str(names[at]) for at in order)
    return {"known": hashes[order], "names": shown, "once": once, "key": key}


def _coded(values: NDArray[np.object_]) -> tuple[NDArray[np.int64], list[str]]:
    import pandas as pd

    codes, names = pd.factorize(np.asarray(values, object))
    return np.asarray(codes, np.int64), [str(name) for name in names]
