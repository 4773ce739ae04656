"""A run as the teacher of another: what it answers to the rows that the student learns from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from vertikit.adapt.binding import bound_values
from vertikit.adapt.nearness import Nearness, feature_width, standardised_features
from vertikit.adapt.taught import teacher_of
from vertikit.contracts import Features, WeighingLoss
from vertikit.errors import UsageError
from vertikit.run.run import Run, load
from vertikit.training.appended import appended
from vertikit.training.unlabelled import further_rows

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.examples import Examples, Indices
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

FURTHER = "teacher.data"
SAME = 8
"""Training rows on which it is seen whether student and teacher read the same tokens."""


def ask_teacher(
    assembled: Assembled, data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress
) -> Examples:
    """Give the student its teacher; the examples, and after them those of `teacher.data`.

    UsageError where the teacher has learnt from rows that the student is to be judged on, or answers another question.
    """
    assert recipe.teacher.run is not None
    run = load(recipe.teacher.run, known)
    check_teacher(run, data, recipe)
    examples, count = data.examples, len(data.examples)
    if recipe.teacher.data is not None:
        if isinstance(assembled.loss, WeighingLoss):
            raise UsageError(
                f"loss {recipe.loss.name!r} weighs rows by what a mistake costs, which rows without labels do not say.",
                f"Take another loss, or leave {FURTHER} out.",
            )
        more = further_rows(FURTHER, recipe.teacher.data, data, recipe, known, work, progress)
        examples = appended(FURTHER, examples, more)
    unlabelled = np.arange(count, len(examples), dtype=np.int64)
    progress.line(
        f"teacher {run.folder.name}: answering {len(examples):,} rows"
        + (f", {len(unlabelled):,} of them without labels" if len(unlabelled) else "")
    )
    answers = teacher_answers(run, examples)
    found = teacher_of(answers, run.labels, unlabelled, assembled.head, assembled.outcome, recipe)
    if recipe.teacher.features or recipe.teacher.attention:
        found = replace(found, nearness=_nearness(run, assembled, examples, data.folds[0].train, recipe))
    assembled.teacher = found
    return examples


def _nearness(run: Run, assembled: Assembled, examples: Examples, train: Indices, recipe: Recipe) -> Nearness:
    """What of the teacher's encoder the student is drawn to; UsageError where it cannot be."""
    asked = recipe.teacher
    if assembled.frozen:
        raise UsageError(
            f"teacher.features and teacher.attention train an encoder; strategy {recipe.strategy.name!r} does not.",
            "Take --set strategy=full, or leave them out.",
        )
    theirs, encoder, pooled = run.parts.assembled, None, None
    if asked.attention:
        encoder = next(iter(theirs.backbones.values()))
        if run.recipe.compress.steps or not _read_alike(run, assembled, examples.take(train[:SAME])):
            raise UsageError(
                "teacher.attention compares tokens, and the student reads others than the teacher.",
                "Take --set teacher.features=1 instead, which needs none.",
            )
    if asked.features:
        inputs = run.parts.inputs(examples)
        pooled = standardised_features(theirs.model, inputs, train, theirs.device)
    with torch.no_grad():
        raw = assembled.head.forward(
            Features(torch.zeros(1, feature_width(assembled), device=assembled.device))
        )
    return Nearness(pooled, asked.features, encoder, asked.attention, raw.shape[-1])


def _read_alike(run: Run, assembled: Assembled, some: Examples) -> bool:
    """Whether both encoders get the very same batch of some examples, of one input."""
    theirs = run.parts.assembled
    if len(assembled.bindings) > 1 or list(assembled.bindings) != list(theirs.bindings):
        return False
    (name,) = assembled.bindings
    batches = []
    for each in (assembled, theirs):
        items = each.backbones[each.bindings[name]].items(bound_values(each, some, name))
        batches.append(items.collate(np.arange(len(some))))
    own, his = batches
    return own.keys() == his.keys() and all(torch.equal(own[key], his[key]) for key in own)


def check_teacher(run: Run, data: Prepared, recipe: Recipe) -> None:
    """UsageError where a run cannot teach on that data, or where its teaching would give test rows away."""
    if run.manifest["task"] != data.task.name:
        raise UsageError(
            f"teacher.run: {run.folder} is a run of {run.manifest['task']}, and this is {data.task.name}.",
            f"Name a run of {data.task.name}.",
        )
    lacking = [
        column.name
        for column in run.task.inputs
        if column.name in run.columns and column.required and column.name not in data.examples.column_names
    ]
    if lacking:
        raise UsageError(
            f"the teacher reads {lacking[0]}, and the data has no such column.",
            f"Name it: --map {lacking[0]}=COLUMN",
        )
    tested = np.unique(np.concatenate(list(data.folds[0].tests.values())))
    seen = run.parts.learnt_from.seen(data.task, data.examples.take(tested))
    if seen and not recipe.allow_leaks:
        raise UsageError(
            f"the teacher has learnt from {len(seen):,} of the {len(tested):,} test rows, and would tell the student.",
            "Give the data that it was trained on, with its seed and its split; or other rows with --test.",
        )


def teacher_answers(run: Run, examples: Examples) -> Answers:
    """The teacher's answers [N, A]: on rows that it has learnt from its model's alone, since what is blended in knows
    those by heart; else its whole answer."""
    parts = run.parts
    if parts.experts and not set(_of_experts(run)) <= set(examples.column_names):
        examples = parts.known(examples, run.task)
    raw = parts.raw(examples)
    found = parts.blended(raw, examples)
    if parts.blend is None:
        return found
    learnt = list(parts.learnt_from.seen(run.task, examples))
    found = np.array(found)
    found[learnt, : parts.alone(raw[:1]).shape[1]] = parts.alone(raw[learnt]) if learnt else found[learnt]
    return found


def _of_experts(run: Run) -> list[str]:
    from vertikit.adapt.expertise import added_columns

    return [column.name for column in added_columns(run.parts.experts)]
