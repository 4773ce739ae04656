"""What a run has learnt from, as keyed hashes: so that later it is not judged on rows that it knows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import State
from vertikit.prepare.duplicates import compared_columns, folded_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.task import Task


class LearntFrom:
    """Knows again the rows, and the groups, that a run was trained and validated on.

    Rows are known by their texts (as duplicates are); where the task has none, by id and time, or by group and the span
    of time; a forecast by its series and the span that is foretold. Of each, 8 bytes of a hash are kept, keyed by the
    fingerprint of the data.
    """

    def __init__(self) -> None:
        self.identified = False
        """Whether rows can be known again: a table without id or time says nothing of what a row is."""
        self.apart = False
        """Whether the groups that are judged are other ones than those that were learnt from."""
        self.until: float | None = None
        """The end of all that was learnt from, in seconds since 1970."""
        self._key = ""
        self._rows = np.empty(0, np.uint64)
        self._groups = np.empty(0, np.uint64)

    def fit(self, task: Task, examples: Examples, learnt: Indices, judged: Indices, key: str) -> None:
        """Take in the examples at `learnt`; those at `judged` show whether groups are kept apart."""
        self._key = key
        known = examples.take(learnt)
        names = _identity(task, known)
        self.identified = names is not None
        if names is not None:
            self._rows = np.unique(self._hashes(name for name in names if name))
        if known.span is not None and not np.isnan(known.span).all():
            self.until = float(np.nanmax(known.span[:, 1]))
        if examples.group is None or task.group is None or task.group.known_in:
            return
        own, others = (set(examples.group[part]) - {None} for part in (learnt, judged))
        self.apart = not own & others
        if self.apart:
            self._groups = np.unique(self._hashes(str(group) for group in own))

    def seen(self, task: Task, examples: Examples, *, groups: bool = True) -> dict[int, str]:
        """Position of each example that was learnt from, or (with `groups`) whose group was -> why it is no test."""
        names = _identity(task, examples) if self.identified else None
        found: dict[int, str] = {}
        if groups and self.apart and examples.group is not None and task.group is not None:
            known = np.isin(self._hashes(str(group) for group in examples.group), self._groups)
            known &= np.array([group is not None for group in examples.group], bool)
            why = f"the run has learnt from rows of the same {task.group.unit}"
            found |= dict.fromkeys(np.flatnonzero(known).tolist(), why)
        if names is not None:
            named = list(names)
            rows = np.isin(self._hashes(named), self._rows) & np.array([name != "" for name in named], bool)
            found |= dict.fromkeys(np.flatnonzero(rows).tolist(), "the run has learnt from this very row")
        return found

    def tells_apart(self, examples: Examples) -> bool:
        """Whether examples that `seen` does not name are known to be new, their groups too."""
        return self.identified and (examples.group is None or self.apart)

    def precedes(self, examples: Examples) -> bool:
        """Whether all examples are of a later time than all that was learnt from."""
        if self.until is None or examples.span is None or not len(examples):
            return False
        return bool(np.nanmin(examples.span[:, 0]) > self.until)

    def state(self) -> State:
        tree = {"identified": self.identified, "apart": self.apart, "until": self.until, "key": self._key}
        return State(tree=tree, arrays={"rows": self._rows, "groups": self._groups})

    def load(self, state: State) -> None:
        self.identified, self.apart = bool(state.tree["identified"]), bool(state.tree["apart"])
        self.until, self._key = state.tree["until"], str(state.tree["key"])
        self._rows, self._groups = state.arrays["rows"], state.arrays["groups"]

    def _hashes(self, names: Iterable[str]) -> NDArray[np.uint64]:
        key = bytes.fromhex(self._key)
        digests = (blake2b(name.encode(), digest_size=8, key=key).digest() for name in names)
        return np.frombuffer(b"".join(digests), np.uint64)


def _identity(task: Task, examples: Examples) -> Iterable[str] | None:
    """What makes each example the one that it is, "" where it lacks that; None where no example has it."""
    if compared_columns(task):
        return folded_texts(task, examples)
    names = examples.table.column_names
    if task.id is not None and task.time is not None and {task.id.name, task.time.name} <= set(names):
        pairs = zip(examples.column(task.id.name), examples.column(task.time.name), strict=True)
        return ("" if one is None or time is None else f"{one}\x1f{time}" for one, time in pairs)
    if examples.windows is not None and examples.windows.ahead is not None and examples.span is not None:
        spans = zip(examples.windows.ahead.series, examples.span.tolist(), strict=True)
        return (f"{series}\x1f{begin}\x1f{end}" for series, (begin, end) in spans)
    if examples.group is None or examples.span is None:
        return None
    spans = zip(examples.group, examples.span.tolist(), strict=True)
    return (
        "" if group is None or math.isnan(begin) else f"{group}\x1f{begin}\x1f{end}"
        for group, (begin, end) in spans
    )
