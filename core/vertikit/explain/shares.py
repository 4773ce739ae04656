"""How much of an answer is the experts', and how much a blended model's other half."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.evaluate.reasons import replaced
from vertikit.explain.means import mean

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.explain.parts import Reference
    from vertikit.run.model_parts import ModelParts


def experts(parts: ModelParts, examples: Examples, reference: Reference, seed: int) -> list[dict[str, Any]]:
    """A line for each expert whose columns the model reads, and one for all where there are several: how far the answer
    moves when these columns hold what they usually do.

    {"expert", "columns", "falls": the mean fall of the answer to the class that was given (of a number, how far it
    moves), "changed": the share of rows that get another class, "rows"}.
    """
    read = {
        name: [column.name for column in expert.columns() if column.name in examples.table.column_names]
        for name, expert in parts.experts.items()
        if "features" in expert.use
    }
    read = {name: columns for name, columns in read.items() if columns}
    if not read or not len(examples):
        return []
    if len(read) > 1:
        read["all experts"] = [column for columns in read.values() for column in columns]
    whole = parts.answers(parts.raw(examples), examples)
    return [
        {
            "expert": name,
            "columns": len(columns),
            "rows": len(examples),
            **_moved(parts, whole, _usually(parts, examples, columns, reference), examples.group, seed),
        }
        for name, columns in read.items()
    ]


def blend(parts: ModelParts, examples: Examples, seed: int) -> dict[str, Any]:
    """What the other half of a blended model has to say, on the rows at hand; nothing where it is not blended.

    {"with", "weights": as the run learnt them, "falls", "changed", "rows"}: how far the answer moves when the model
    answers alone.
    """
    if parts.blend is None or not len(examples):
        return {}
    raw = parts.raw(examples)
    account = parts.blend.account()
    return {
        "with": account["with"],
        "weights": account["weights"],
        "rows": len(examples),
        **_moved(parts, parts.blended(raw, examples), parts.alone(raw), examples.group, seed),
    }


def _usually(
    parts: ModelParts, examples: Examples, columns: Collection[str], reference: Reference
) -> NDArray[np.float64]:
    """Answers [N, A] where those columns hold what they usually do."""
    every = np.ones(len(examples), bool)
    altered = replaced(examples, {name: (reference.usual.value(name), every) for name in columns})
    return parts.answers(parts.raw(altered), altered)


def _moved(
    parts: ModelParts,
    whole: NDArray[np.float64],
    other: NDArray[np.float64],
    groups: NDArray[np.object_] | None,
    seed: int,
) -> dict[str, Any]:
    labels = len(parts.assembled.outcome.labels)
    if not labels:
        falls = np.abs(whole[:, 0] - other[:, 0])
        return {"falls": mean(falls, groups, seed)}
    chosen = whole[:, :labels].argmax(axis=1)
    lines = np.arange(len(whole))
    falls = whole[lines, chosen] - other[lines, chosen]
    return {
        "falls": mean(falls, groups, seed),
        "changed": float((other[:, :labels].argmax(axis=1) != chosen).mean()),
    }
