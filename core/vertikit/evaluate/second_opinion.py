"""What a second grader (a second reading, a second instrument) says of the same rows, beside the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.measuring import measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.outcome import Outcome
    from vertikit.task import Task


def second_opinion(
    task: Task,
    examples: Examples,
    answers: NDArray[np.float64],
    outcome: Outcome,
    metrics: Mapping[str, Metric],
    context: MetricContext,
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any] | None:
    """The key "second" of metrics.json; None where the data has no second opinion, or none that is usable.

    {"column", "rows", "second": metrics of the second opinion against the truth, "model": metrics of the model on the
    same rows}: how well two people agree is what a model can be expected to reach.
    """
    column = task.reference
    if column is None or column.name not in examples.table.column_names:
        return None
    values = outcome.truth(examples, column.name)
    rows = np.flatnonzero(outcome.usable(values))
    if not len(rows):
        return None
    truth = outcome.truth(examples, task.target.name)[rows]
    groups = None if examples.group is None else examples.group[rows]
    measured = {
        name: measure(
            outcome.frame(each, list(truth)), metrics, context, groups=groups, resamples=resamples, seed=seed
        )
        for name, each in (("second", outcome.given(values[rows])), ("model", answers[rows]))
    }
    return {"column": column.name, "rows": len(rows), **measured}
