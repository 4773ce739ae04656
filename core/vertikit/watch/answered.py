"""What is measured of a run's answers: how sure they are, what they say, what is decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.watch.measured import KINDS, NUMBERS, Measured
from vertikit.watch.profiles import OWN

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.columns import Column

MOST_DECISIONS = 12
"""Different decisions that are compared one by one; a ranked list is another one in every row."""


def of_answers(target: Column, table: pd.DataFrame, abstains: str) -> Iterator[Measured]:
    """Measurements of a table of predictions, as predictions.parquet has it; `abstains` is the decision to abstain."""
    rows, name = np.arange(len(table)), target.name

    def measured(told: str, kind: Any, values: Any) -> Measured:
        return Measured(told, "", kind, values, rows, target.private, "answer")

    def numbers(column: str) -> Any:
        return table[column].to_numpy(np.float64)

    chances = [str(column) for column in table.columns if str(column).startswith(f"{name}.p.")]
    labels = [column.removeprefix(f"{name}.p.") for column in chances]
    if f"{name}.score" in table.columns:
        yield measured("answer: score", NUMBERS, numbers(f"{name}.score"))
    elif not chances:
        yield measured(f"answer: {name}", NUMBERS, numbers(name))
    elif len(chances) == 2:
        yield measured(f"answer: probability of {labels[-1]}", NUMBERS, numbers(chances[-1]))
    elif set(table[name].dropna().unique()) <= set(labels):
        yield measured(
            "answer: probability of the likeliest", NUMBERS, table[chances].to_numpy(np.float64).max(axis=1)
        )
    else:  # several findings at once
        for label, column in zip(labels, chances, strict=True):
            yield measured(f"answer: probability of {label}", NUMBERS, numbers(column))
    if chances and table[name].nunique() <= OWN:
        yield measured(f"answer: {name}", KINDS, table[name].to_numpy(object))
    decided = table["decision"].to_numpy(object)
    if 1 < len(set(decided.tolist()) | {abstains}) <= MOST_DECISIONS and not (
        chances and (table["decision"] == table[name]).all()
    ):
        yield measured("decision", KINDS, decided)
