"""Sentences on what is odd in the rows of a task, though nothing is wrong with any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vertikit.columns import Group
from vertikit.prepare.places import several

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Fold
    from vertikit.outcome import Outcome
    from vertikit.task import Task


def empty_answers(
    task: Task, outcome: Outcome, examples: Examples, truth: NDArray[np.object_]
) -> Iterator[str]:
    """How many rows are empty where there is nothing to judge then, and how many of them have more than the least."""
    import numpy as np

    name = task.lowest_without
    if not name or name not in examples.table.column_names:
        return
    empty = np.flatnonzero([not (value or "").strip() for value in examples.column(name)])
    if not len(empty):
        return
    scale = outcome.scale
    least = None if scale is None else scale.minimum
    more = [at for at in empty if least is not None and truth[at] is not None and float(truth[at]) > least]
    yield (
        f"{several(len(empty))} with an empty {name}: each is given the lowest {task.target.name}, unread"
        + (f"; {several(len(more))} of them have more in the data" if more else "")
    )


def both_sides(task: Task, examples: Examples, folds: Sequence[Fold]) -> Iterator[str]:
    """How many groups that a split does not keep whole are in training and in the test."""
    import numpy as np

    fold = folds[0]
    if task.target.ahead:
        return  # a series is foretold from its own past
    for column in task.columns:
        if (
            not isinstance(column, Group)
            or column.kept_whole
            or column.name not in examples.table.column_names
        ):
            continue
        values = examples.values(column.name)
        learnt = set(values[np.concatenate([fold.train, fold.valid])]) - {None}
        tested = set(values[np.concatenate(list(fold.tests.values()))]) - {None}
        both = len(learnt & tested)
        yield (
            f"{both:,} of {several(len(tested), column.unit)} of the test are in training too, with other rows: the "
            "split "
            f"is not by {column.unit}, and the figures say little of {column.unit}s who are new"
            if both
            else f"no {column.unit} of the test is in training"
        )
