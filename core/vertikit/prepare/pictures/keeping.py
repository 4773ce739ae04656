"""Pictures that look alike stay on one side of a split, as those of one group do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.picture_columns import Image
from vertikit.prepare.pictures.alike import alike, kept_together
from vertikit.prepare.places import several
from vertikit.recipe import Recipe
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.examples import Examples


def look_alikes(
    task: Task, examples: Examples, truth: NDArray[Any], recipe: Recipe
) -> tuple[Examples, Examples, list[str]]:
    """The examples, what a split is to see of them, and sentences on pictures that look alike.

    Where the data has no groups, pictures that look alike are groups of their own for all that follows; where it has,
    a split keeps groups together that are joined by such pictures. Those in two parts that the user gave stay where
    they are.
    """
    column = next(
        (each for each in task.inputs if isinstance(each, Image) and each.name in examples.pictures), None
    )
    if column is None or recipe.allow_leaks:
        return examples, examples, []
    codes = alike(examples.pictures[column.name], recipe.pictures.near_duplicate)
    if (codes < 0).all():
        return examples, examples, []
    members = np.flatnonzero(codes >= 0)
    notes = [
        f"{several(len(members), 'picture')} look like another ({several(len(set(codes[members])), 'group')} of them): "
        "each group stays on one side of the split"
    ]
    labels: dict[int, set[str]] = {}
    for at in members.tolist():
        labels.setdefault(int(codes[at]), set()).add(str(truth[at]))
    if torn := sum(len(each) > 1 for each in labels.values()):
        notes.append(
            f"{several(torn, 'group')} of pictures that look alike have several labels: one of each may be wrong"
        )
    _, parts = np.unique(examples.part.astype(str), return_inverse=True)
    own = np.where(codes < 0, -1, codes * (parts.max() + 1) + parts)
    together = kept_together(examples.group, own)
    if examples.group is None:
        examples = replace(examples, group=together)
    return examples, replace(examples, group=together), notes
