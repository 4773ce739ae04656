"""What experts are worth: they alone, the model without them, and both, on the same test rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.expertise import added_columns
from vertikit.evaluate.ruling import constrained, held, joined
from vertikit.select.choosing import choose_backbone
from vertikit.series_columns import Series
from vertikit.training.adapting import main_test
from vertikit.training.anew import measured, trained_anew

if TYPE_CHECKING:
    from vertikit.contracts import Baseline, Expert
    from vertikit.evaluate.judging import Standard
    from vertikit.examples import Examples
    from vertikit.outcome import Answers, Outcome
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task


def compare_experts(
    data: Prepared,
    plain: Task,
    recipe: Recipe,
    known: Registry,
    hybrid: Answers,
    experts: Mapping[str, Expert],
    standard: Standard,
    work: Path,
    progress: Progress,
) -> dict[str, Any]:
    """The key "experts" of metrics.json.

    Args:
        plain: the task without the columns of the experts.
        hybrid: answers [n, A] of the test part by the model with its experts' columns, calibrated, unblended.
        work: where the model without experts keeps its checkpoints.
    """
    fold, added = data.folds[0], {column.name for column in added_columns(experts)}
    test = data.examples.take(main_test(fold, data.task))
    outcome = standard.outcome
    said = held(experts, test, outcome.labels)
    rulings = joined(each for each in (said.constraint, said.veto) if each is not None)
    result: dict[str, Any] = {"used": {name: list(expert.use) for name, expert in experts.items()}}
    bare = bool(added) and _is_a_model(plain, recipe, known, test.column_names)
    name = plain.protocol.experts_alone if bare else ""
    if name or rulings is not None:
        progress.line(f"experts alone{f', through {name}' if name else ''}")
        if name:
            result["through"] = name
        answers = _alone(data, recipe, known, experts, name, outcome, test)
        result["alone"] = measured(constrained(answers, rulings), test, data, standard)
    if not added:
        result["without"] = measured(hybrid, test, data, standard)
    elif bare:
        progress.line("training the same model without its experts, to see what they are worth")
        bare_recipe = recipe.model_copy(update={"experts": []})
        answers = trained_anew(replace(data, task=plain), bare_recipe, known, work)
        result["without"] = measured(answers, test, data, standard)
    result["with"] = measured(constrained(hybrid, said.constraint), test, data, standard)
    return result


def _is_a_model(plain: Task, recipe: Recipe, known: Registry, present: Collection[str]) -> bool:
    """Whether the backbone reads anything without the experts; where it sees sensors through them alone, it is none."""
    modality = choose_backbone(recipe.backbone, known, plain.modalities).info().modality
    inputs = [column for column in plain.inputs if column.name in present]
    read = [column for column in inputs if column.modality == modality]
    return bool(read) and (modality == "series" or not any(isinstance(each, Series) for each in inputs))


def _alone(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    experts: Mapping[str, Expert],
    name: str,
    outcome: Outcome,
    test: Examples,
) -> Answers:
    """A baseline of that name on the experts' columns alone; without one, the classes' shares of the training rows."""
    examples, fold = data.examples, data.folds[0]
    truth = outcome.truth(examples, data.task.target.name)
    if not name:
        return np.tile(outcome.usual(truth[fold.train]), (len(test), 1))
    make = known.get("baselines", name).resolve()
    baseline: Baseline = make(inputs=added_columns(experts), seed=recipe.seed)
    train, valid = fold.train, fold.valid
    baseline.fit(examples.take(train), truth[train], examples.take(valid), truth[valid])
    return outcome.asked(name, baseline, test)
