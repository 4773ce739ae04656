"""Every measurement of new rows beside its reference: how far it has moved, and whether luck could have done that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from vertikit.watch.clusters import Clusters
from vertikit.watch.measured import NUMBERS, Measured
from vertikit.watch.profiles import clustered, profile
from vertikit.watch.stability import LARGE, by_chance, coarse, stability
from vertikit.watch.two_sample import chi_square, holm, kolmogorov_smirnov

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.watch.reference import Entry, Reference
    from vertikit.watch.shares import Share

FEWEST_SHOWN = 20
"""Private values of which a median is shown."""


@dataclass(frozen=True)
class Compared:
    """One measurement then and now.

    Args:
        side: "input", "population" or "answer". test: by which p was found. p: of that test; adjusted: among all.
        psi: as measured. chance: what it would be on average had nothing moved.
        then, now: rows with a value; worth_then, worth_now: as how many independent ones they count.
        words: what has moved, where it may be said. names: of the cells; shares_then, shares_now: [C] in each.
        level: "" (within what is taken for none), "moderate" or "large": beyond luck and beyond the least shift.
    """

    name: str
    column: str
    side: str
    test: str
    statistic: float
    p: float
    psi: float
    chance: float
    then: int
    now: int
    worth_then: float
    worth_now: float
    words: str = ""
    names: tuple[str, ...] = ()
    shares_then: tuple[float, ...] = ()
    shares_now: tuple[float, ...] = ()
    adjusted: float = 1.0
    level: str = ""
    bundle: str = field(default="", repr=False)

    @property
    def shift(self) -> float:
        """PSI beyond chance."""
        return max(0.0, self.psi - self.chance)


def compare(entry: Entry, measured: Measured, groups: Sequence[NDArray[np.object_]]) -> Compared | None:
    """One measurement beside its reference; None where either has no value at all, or there is one value in both."""
    own = entry.profile
    now = own.count(measured)
    if not own.counts.sum() or not now.sum() or np.count_nonzero(own.counts + now) < 2:
        return None
    alike = clustered(own, measured, groups, own.clusters)
    worth = own.clusters.worth(int(own.counts.sum())), alike.worth(int(now.sum()))
    if own.ordered:
        test, (statistic, p) = "Kolmogorov-Smirnov", kolmogorov_smirnov(own.counts, now, *worth)
        place = coarse(own.counts)
        then, later = _summed(own.counts, place), _summed(now, place)
    else:
        test, (statistic, p) = "chi-square", chi_square(own.counts, now, *worth)
        held = np.flatnonzero(own.counts + now)
        place, then, later = held, own.counts[held], now[held]
    return Compared(
        entry.name, entry.column, entry.side, test, statistic, p,
        stability(then, later), by_chance(len(then), *worth),
        int(own.counts.sum()), int(now.sum()), *worth,
        words=_moved(entry, then, later, measured, place),
        names=_names(entry, place),
        shares_then=tuple((then / then.sum()).tolist()),
        shares_now=tuple((later / later.sum()).tolist()),
        bundle=entry.bundle,
    )  # fmt: skip


def compare_inputs(
    reference: Reference, measured: Iterable[Measured], groups: Sequence[NDArray[np.object_]]
) -> list[Compared]:
    """All that training measured too, bundles as one."""
    found = [
        compare(reference.entries[each.name], each, groups)
        for each in measured
        if each.name in reference.entries
    ]
    return bundled([each for each in found if each is not None])


def compare_answers(
    target: Column,
    then: pd.DataFrame,
    now: pd.DataFrame,
    abstains: str,
    alike: Mapping[str, Clusters],
    groups: Sequence[NDArray[np.object_]],
) -> list[Compared]:
    """Answers to the run's test rows beside those to new rows."""
    from vertikit.watch.answered import of_answers
    from vertikit.watch.reference import Entry

    later = {each.name: each for each in of_answers(target, now, abstains)}
    found = []
    for each in of_answers(target, then, abstains):
        if each.name not in later:
            continue
        own = profile(each, [], "")
        other = later[each.name]
        # An older run did not note how alike the answers within a group are; the new ones tell.
        size = clustered(own, other, groups, Clusters()) if each.name not in alike else alike[each.name]
        entry = Entry(each.name, "", each.side, "", each.private, replace(own, clusters=size))
        found.append(compare(entry, other, groups))
    return [each for each in found if each is not None]


def bundled(found: Sequence[Compared]) -> list[Compared]:
    """Those of a bundle as one: the one with the smallest p, times how many they are (Bonferroni)."""
    kept = [each for each in found if not each.bundle]
    for name in dict.fromkeys(each.bundle for each in found if each.bundle):
        own = [each for each in found if each.bundle == name]
        first = min(own, key=lambda each: (each.p, -each.shift))
        kept.append(replace(first, name=name, p=min(1.0, first.p * len(own)), words=""))
    return kept


def judged(
    compared: Sequence[Compared], shares: Sequence[Share], alpha: float, least: float
) -> tuple[list[Compared], list[Share]]:
    """All with their p adjusted among all of them, and what that comes to; those that moved most first."""
    adjusted = holm([each.p for each in compared] + [each.p for each in shares])
    moved = [
        replace(each, adjusted=p, level=_level(each.shift, least) if p < alpha else "")
        for each, p in zip(compared, adjusted[: len(compared)], strict=True)
    ]
    risen = [
        replace(each, adjusted=p, alarms=p < alpha and each.beyond)
        for each, p in zip(shares, adjusted[len(compared) :], strict=True)
    ]
    order: Callable[[Compared], tuple[bool, float]] = lambda each: (not each.level, -each.shift)  # noqa: E731
    return sorted(moved, key=order), risen


def _level(shift: float, least: float) -> str:
    return "" if shift < least else "large" if shift >= LARGE else "moderate"


def _summed(counts: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(place, counts).astype(np.int64)


def _names(entry: Entry, place: NDArray[np.int64]) -> tuple[str, ...]:
    """Of the cells; none where kinds are private, or where numbers mean nothing to a reader."""
    own = entry.profile
    if entry.bundle or (entry.private and own.kind != NUMBERS):
        return ()
    if own.ordered:
        ends = [float(own.edges[np.flatnonzero(place == cell)[-1]]) for cell in range(int(place.max()))]
        return (*(f"≤ {end:.4g}" for end in ends), f"> {ends[-1]:.4g}") if ends else ()
    if own.kind == NUMBERS:
        every = (*(f"{edge:.4g}" for edge in own.edges), "other values")
    else:
        every = (*own.names, "never seen") if own.names else ()
    return tuple(every[cell] for cell in place) if every else ()


def _moved(
    entry: Entry,
    then: NDArray[np.int64],
    now: NDArray[np.int64],
    measured: Measured,
    place: NDArray[np.int64],
) -> str:
    """What has moved, in a few words; a median of few private values is close to being one."""
    own = entry.profile
    if own.ordered:
        if entry.bundle or (entry.private and now.sum() < FEWEST_SHOWN):
            return ""
        middle = float(
            own.edges[
                min(int(np.searchsorted(np.cumsum(own.counts), own.counts.sum() / 2)), len(own.edges) - 1)
            ]
        )
        later = float(np.nanmedian(measured.values.astype(np.float64)))
        return f"median {middle:.3g} then, {later:.3g} now"
    names = _names(entry, place)
    if not names:
        return ""
    before, after = then / then.sum(), now / now.sum()
    at = int(np.abs(after - before).argmax())
    return f"{names[at]!r} {before[at]:.1%} then, {after[at]:.1%} now"
