"""A run as the teacher of another: what it answers to the rows that the student learns from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.taught import teacher_of
from vertikit.contracts import WeighingLoss
from vertikit.errors import UsageError
from vertikit.run.run import Run, load
from vertikit.training.unlabelled import further_rows, joined

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.examples import Examples
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

FURTHER = "teacher.data"


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
        examples = joined(
            examples, further_rows(FURTHER, recipe.teacher.data, data, recipe, known, work, progress)
        )
    unlabelled = np.arange(count, len(examples), dtype=np.int64)
    progress.line(
        f"teacher {run.folder.name}: answering {len(examples):,} rows"
        + (f", {len(unlabelled):,} of them without labels" if len(unlabelled) else "")
    )
    answers = teacher_answers(run, examples)
    assembled.teacher = teacher_of(answers, run.labels, unlabelled, assembled.head, assembled.outcome, recipe)
    return examples


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
