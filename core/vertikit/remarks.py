"""Remarks on an answer: text columns beside each prediction that say more than the answer does."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vertikit.contracts import Fitted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task

    Encode = Callable[[Sequence[str]], NDArray[np.float32]]
    """Texts -> features [n, D] of the run's own encoder."""


class Remarks(Fitted, Protocol):
    """Made by the function that `Task.remarks` names, called without arguments."""

    columns: tuple[str, ...]
    """Names of what it adds to a table of predictions."""

    def begin(self, task: Task, present: Sequence[str]) -> bool:
        """Whether it has something to say of data with these columns."""
        ...

    def fit(self, examples: Examples, truth: NDArray[Any], encode: Encode) -> None:
        """Learn thresholds from labelled rows that are no test's."""
        ...

    def remark(self, examples: Examples, encode: Encode) -> Mapping[str, Sequence[str]]:
        """Column -> texts [N], "" where nothing is to be said. No value of a private column stands in them."""
        ...


def build_remarks(task: Task, present: Sequence[str]) -> Remarks | None:
    """The task's remarks, unfitted, or None where it has none or they have nothing to say of this data."""
    if not task.remarks:
        return None
    module, _, name = task.remarks.partition(":")
    made: Remarks = getattr(importlib.import_module(module), name)()
    return made if made.begin(task, present) else None
