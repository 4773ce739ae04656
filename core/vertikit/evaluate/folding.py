"""Several examples of one thing, slices of a scan or films of a study, judged as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vertikit.examples import Examples, Indices
    from vertikit.outcome import Answers
    from vertikit.task import Task


@dataclass(frozen=True)
class Folding:
    """Which of N examples are judged as one.

    Args:
        column: that they share a value of.
        first: [M] the first example of each. which: [N] the one of the M that an example belongs to.
    """

    column: str
    first: Indices
    which: Indices

    def answers(self, answers: Answers) -> Answers:
        """[N, A] -> [M, A], the means."""
        total = np.zeros((len(self.first), answers.shape[1]))
        np.add.at(total, self.which, answers)
        found: Answers = total / np.bincount(self.which, minlength=len(self.first))[:, None]
        return found

    def examples(self, examples: Examples) -> Examples:
        """The first of each."""
        return examples.take(self.first)


def folding(task: Task, examples: Examples, truth: NDArray[Any]) -> Folding | None:
    """How the protocol folds these examples: by the first of its columns that the data has, where a value occurs more
    than once. Examples of one value with different truths stay apart, and one without a value stands for itself."""
    column = next((name for name in task.protocol.folded if name in examples.table.column_names), None)
    if column is None or not len(examples):
        return None
    values = examples.values(column)
    keys: dict[object, int] = {}
    which = np.array(
        [
            keys.setdefault(("alone", at) if value is None else (value, str(own)), len(keys))
            for at, (value, own) in enumerate(zip(values.tolist(), truth.tolist(), strict=True))
        ],
        np.int64,
    )
    if len(keys) == len(examples):
        return None
    first = np.full(len(keys), -1, np.int64)
    first[which[::-1]] = np.arange(len(which))[::-1]
    return Folding(column, first, which)
