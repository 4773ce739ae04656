"""The one algorithm of the plain splits: hold out a share of whole groups, every class in proportion."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices

LEAST_PER_CLASS = 2
ENOUGH_FOR_TWO = 8
"""A class with this many rows has at least LEAST_PER_CLASS held out; one with fewer, one row."""


def train_valid_test(
    examples: Examples,
    classes: NDArray[np.object_],
    *,
    test: float,
    valid: float,
    seed: int,
    fold: str | None = None,
) -> Fold:
    """One fold: `test` of all (or, where `fold` is "2/5", the second of five parts of all), then `valid` of the rest;
    groups stay whole."""
    import numpy as np

    everything = np.arange(len(examples))
    if fold is None:
        rest, held = hold_out(examples, classes, everything, share=test, seed=seed)
    else:
        held = _turn(examples, classes, fold, seed)
        rest = np.setdiff1d(everything, held)
    train, validation = hold_out(examples, classes, rest, share=valid, seed=seed + 1)
    return Fold(train, validation, validation, {"test": held})


def _turn(examples: Examples, classes: NDArray[np.object_], fold: str, seed: int) -> Indices:
    """The positions of one of several parts of all examples, every class in proportion and groups whole; UsageError
    where there cannot be so many."""
    import warnings

    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    number, parts = (int(each) for each in fold.split("/"))
    if parts < 2 or number > parts:
        raise UsageError(f"split.fold: {fold} is no part of several.", "Write 1/5 to 5/5.")
    units = _units(examples, classes, np.arange(len(examples)))
    if len(units) < 2 * parts:
        raise UsageError(
            f"split.fold: {len(units):,} groups cannot be dealt into {parts} parts.", "Take fewer parts."
        )
    own = np.empty(len(examples), np.int64)
    for at, unit in enumerate(units):
        own[unit.positions] = at
    with warnings.catch_warnings():
        # A class with fewer rows than parts is in fewer parts; that is all there is.
        warnings.simplefilter("ignore", UserWarning)
        dealt = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        found = [held for _, held in dealt.split(np.zeros(len(own)), classes.astype(str), own)]
    return np.sort(found[number - 1])


def hold_out(
    examples: Examples, classes: NDArray[np.object_], pool: Indices, *, share: float, seed: int
) -> tuple[Indices, Indices]:
    """Two sorted parts of the positions in `pool`, the second with about `share` of each class.

    Whole groups are dealt in random order, the large ones first; each goes to the side that keeps the
    classes nearest to their shares so far, so that neither side gets the large groups. No class is
    missing in the first part; none that has two groups is missing in the second. UsageError where
    nothing could be held out.
    """
    import numpy as np

    units = _units(examples, classes, pool)
    order = np.random.default_rng(seed).permutation(len(units))
    dealt = sorted((units[at] for at in order), key=lambda unit: -len(unit.positions))
    held = _deal(dealt, share)
    if not any(held) or all(held):
        raise UsageError(
            f"{len(pool):,} examples in {len(units):,} groups are too few to hold a part out.",
            "Give more rows.",
        )
    second = np.concatenate([unit.positions for unit, out in zip(dealt, held, strict=True) if out])
    second = np.sort(second)
    return np.setdiff1d(pool, second), second


def repeated_groups(examples: Examples) -> bool:
    """Whether any group has more than one example."""
    groups = [] if examples.group is None else [group for group in examples.group if group is not None]
    return len(set(groups)) < len(groups)


@dataclass(frozen=True)
class _Unit:
    """Examples that stay together, and how many they are by class."""

    positions: Indices
    counts: dict[str, int]


def _units(examples: Examples, classes: NDArray[np.object_], pool: Indices) -> list[_Unit]:
    import numpy as np

    if examples.group is None:
        return [_Unit(pool[at : at + 1], {classes[pool[at]]: 1}) for at in range(len(pool))]
    together: dict[object, list[int]] = {}
    for at in pool.tolist():
        group = examples.group[at]
        together.setdefault(("alone", at) if group is None else group, []).append(at)
    return [_Unit(np.array(each, np.int64), Counter(classes[each].tolist())) for each in together.values()]


def _deal(units: list[_Unit], share: float) -> list[bool]:
    """Whether each unit is held out."""
    total: Counter[str] = Counter()
    for unit in units:
        total.update(unit.counts)
    seen = dict.fromkeys(total, 0)
    out = dict.fromkeys(total, 0)
    held: list[bool] = []
    for unit in units:
        # How much further from the shares of what is dealt so far, squared and by class, holding it out is.
        further = 0.0
        for name, count in unit.counts.items():
            seen[name] += count
            further += count * (2 * (out[name] - share * seen[name]) + count) / total[name] ** 2
        held.append(further < 0)
        if further < 0:
            for name, count in unit.counts.items():
                out[name] += count
    _mend(units, held, total, out)
    return held


def _mend(units: list[_Unit], held: list[bool], total: Counter[str], out: dict[str, int]) -> None:
    """Move small units so that every class is in the rest, and, where it can be, held out as well."""
    by_class: dict[str, list[int]] = {name: [] for name in total}
    for at in sorted(range(len(units)), key=lambda at: len(units[at].positions)):
        for name in units[at].counts:
            by_class[name].append(at)

    def move(at: int) -> None:
        held[at] = not held[at]
        for name, count in units[at].counts.items():
            out[name] += count if held[at] else -count

    for name in sorted(total):
        if out[name] == total[name]:
            move(by_class[name][0])
    for name in sorted(total, key=lambda name: (total[name], name)):
        least = LEAST_PER_CLASS if total[name] >= ENOUGH_FOR_TWO else 1
        for at in by_class[name]:
            if out[name] >= least:
                break
            if not held[at] and all(
                total[each] - out[each] > count for each, count in units[at].counts.items()
            ):
                move(at)
