"""The stage of a training that builds: every part of the recipe's model, up to where it is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from vertikit.adapt.assembling import Assembled, assemble, choose_device
from vertikit.adapt.beside import Beside
from vertikit.adapt.binding import columns_values
from vertikit.adapt.pretraining import pretrain
from vertikit.contracts import Backbone, LearnedBackbone
from vertikit.training.compressing import Shrinking, shrinking
from vertikit.training.starting import starting
from vertikit.training.unlabelled import pretraining_examples

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task

MOST_ROWS_FITTED = 1_000_000
"""Training rows that a backbone made for the data learns scales and categories from, drawn at random."""


@dataclass
class Built:
    """A model that is still to be trained.

    Args:
        small: the steps by which it is made smaller than a run; those that come after training are still to be taken.
        parameters: all and trained, before what stands in for some of them.
        values: name of a backbone -> the values of training rows that it reads.
    """

    assembled: Assembled
    small: Shrinking | None
    parameters: tuple[int, int]
    values: Callable[[str], Any]


def build(data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress) -> Built:
    """Build the recipe's model for the first fold of the data; pretrained, started from another run, or made of one
    where it says so."""
    task, fold = data.task, data.folds[0]
    small = shrinking(data, recipe, known, progress)
    begun = starting(data, recipe, known, progress)
    read_as_one: dict[str, tuple[Column, ...]] = {}

    def learn(name: str, backbone: LearnedBackbone | Beside, columns: tuple[Column, ...]) -> None:
        read_as_one[name] = columns
        if small is not None:
            small.learn(name, backbone, columns)
            return
        if begun is not None and not isinstance(backbone, Beside):
            begun.learn(backbone, columns)
            return
        # Scales and bins of a million rows are those of ten.
        rows = fold.train
        if len(rows) > MOST_ROWS_FITTED:
            rows = np.sort(np.random.default_rng(0).permutation(rows)[:MOST_ROWS_FITTED])
        backbone.fit(columns, columns_values(columns, data.examples.take(rows)))

    pretrained: dict[str, dict[str, Tensor]] = {}

    def values(owner: str, seen: Examples) -> Any:
        one = read_as_one.get(owner)
        return _distinct(seen, owner, task) if one is None else columns_values(one, seen)

    def values_of_training(owner: str) -> Any:
        return values(owner, data.examples.take(fold.train))

    def kept(owner: str, backbone: Backbone) -> None:
        state = backbone.module.state_dict()
        pretrained[owner] = {key: value.detach().cpu().clone() for key, value in state.items()}

    def learn_alone(owner: str, backbone: Backbone) -> None:
        if begun is not None:
            begun.begin(backbone)
        items = backbone.items(values(owner, pretraining_examples(data, recipe, known, work, progress)))
        device = choose_device(recipe.device)
        pretrain(backbone, owner, items, np.arange(len(items.lengths)), recipe, device, work, progress)
        kept(owner, backbone)

    def begin(owner: str, backbone: Backbone) -> None:
        if small is not None:
            small.begin(owner, backbone, lambda: values_of_training(owner))
        elif begun is not None and not recipe.pretrain.epochs:
            begun.begin(backbone)
            kept(owner, backbone)

    assembled = assemble(
        task,
        recipe,
        data.outcome,
        known,
        data.examples.column_names,
        learn=learn,
        pretrain=learn_alone,
        start=begin,
    )
    assembled.pretrained = pretrained
    return Built(assembled, small, assembled.model.count_parameters(), values_of_training)


def _distinct(examples: Examples, owner: str, task: Task) -> Any:
    """What an encoder may see without labels: pictures, or each distinct text of the columns that it reads."""
    if owner in examples.pictures:
        return examples.pictures[owner]
    modality = next(column.modality for column in task.inputs if column.name == owner)
    names = [column.name for column in task.inputs if column.modality == modality]
    found = (examples.lazy(name, missing="") for name in names if name in examples.table.column_names)
    return [text for text in dict.fromkeys(chain.from_iterable(found)) if text]
