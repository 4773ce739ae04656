"""Texts that differ from another in a few words: exact, by prefix filtering."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vertikit.prepare.duplicates import compared_columns, texts
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices

SHINGLE = 3
"""Words in a row that are compared as one."""

_WORD = re.compile(r"\w+")


def near_duplicates(
    task: Task, examples: Examples, train: Indices, judged: Indices, threshold: float
) -> NDArray[np.bool_]:
    """[len(train)] whether a training example is nearly like one of the `judged` examples.

    Near is a Jaccard likeness of at least `threshold` between the sets of three words in a row, case and
    punctuation aside. No pair is missed and none is guessed (prefix filtering: Bayardo, Ma and Srikant,
    "Scaling up all pairs similarity search", WWW 2007): ordered from rare to frequent, two sets of that
    likeness share one of their first |x| - ceil(threshold |x|) + 1 members.
    """
    import numpy as np

    columns = compared_columns(task)
    held = [shingles(values) for values in texts(examples.take(judged), columns)]
    frequency = Counter(each for shingled in held for each in shingled)
    places: dict[int, list[int]] = defaultdict(list)
    for at, shingled in enumerate(held):
        for each in sorted(shingled, key=lambda each: (frequency[each], each))[
            : _prefix(len(shingled), threshold)
        ]:
            places[each].append(at)
    near = np.zeros(len(train), bool)
    for at, values in enumerate(texts(examples.take(train), columns)):
        shingled = shingles(values)
        known = [each for each in shingled if each in frequency]
        # What no judged text has is rarest, so stands first; if that fills the prefix, nothing is near.
        room = _prefix(len(shingled), threshold) - (len(shingled) - len(known))
        if room <= 0:
            continue
        known.sort(key=lambda each: (frequency[each], each))
        candidates = {place for each in known[:room] for place in places.get(each, ())}
        near[at] = any(_alike(shingled, held[place], threshold) for place in candidates)
    return near


def shingles(values: Sequence[str]) -> frozenset[int]:
    """Hashes of each three words in a row of each value; a shorter value is one shingle."""
    found: set[int] = set()
    for value in values:
        words = _WORD.findall(value.casefold())
        if words:
            found.update(
                map(hash, zip(*(words[at:] for at in range(min(SHINGLE, len(words)))), strict=False))
            )
    return frozenset(found)


def _prefix(size: int, threshold: float) -> int:
    return size - math.ceil(threshold * size) + 1 if size else 0


def _alike(one: frozenset[int], other: frozenset[int], threshold: float) -> bool:
    if min(len(one), len(other)) < threshold * max(len(one), len(other)):
        return False
    shared = len(one & other)
    return shared >= threshold * (len(one) + len(other) - shared)
