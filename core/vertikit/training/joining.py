"""The stage of a training in which experts look at the examples, and their columns join these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.adapt.expertise import added_columns, build_experts, with_expertise
from vertikit.evaluate.ruling import held

if TYPE_CHECKING:
    from vertikit.contracts import Expert
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


def with_experts(
    data: Prepared, recipe: Recipe, known: Registry, tables: Path, progress: Progress
) -> tuple[Prepared, Mapping[str, Expert]]:
    """The data with what the recipe's experts know of it, and these, who remember all of it.

    `tables` is a folder for what is kept of them as long as the data is used.
    """
    experts = build_experts(data.task, recipe, known, data.examples.column_names, progress.line)
    if not experts:
        return data, experts
    progress.line(f"experts: {', '.join(experts)} look at {len(data.examples):,} {data.task.unit}")
    # What follows is no label of an example: an expert looks at the readings up to the origin.
    truth = None if data.task.target.ahead else data.examples.values(data.task.target.name)
    examples = with_expertise(data.examples, experts, truth, tables)
    for expert in experts.values():
        expert.remember(data.examples, truth)
    data = replace(data, task=data.task.with_columns(added_columns(experts)), examples=examples)
    # What an expert cannot say of these classes is refused before anything is trained.
    held(experts, examples.take(data.folds[0].train[:1]), data.outcome.labels)
    return data, experts
