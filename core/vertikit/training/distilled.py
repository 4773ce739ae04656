"""What a student learnt by its teacher: beside the teacher, and beside the same student without one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.run.run import load
from vertikit.training.adapting import Adapted, main_test
from vertikit.training.anew import measured, trained_anew
from vertikit.training.teaching import teacher_answers

if TYPE_CHECKING:
    from vertikit.evaluate.judging import Standard
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


def compare_teacher(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    student: Answers,
    adapted: Adapted,
    standard: Standard,
    work: Path,
    progress: Progress,
) -> dict[str, Any]:
    """The key "teacher" of metrics.json: teacher, student (unblended), and the student alone on the same test rows, and
    the share of the gap that the teacher has closed, where there was one."""
    assert recipe.teacher.run is not None
    run = load(recipe.teacher.run, known)
    test = data.examples.take(main_test(data.folds[0], data.task))
    answers = teacher_answers(run, test)
    labels = standard.outcome.labels
    if labels:
        answers = answers[:, [run.labels.index(label) for label in labels]]
    parameters, _ = adapted.parameters
    found: dict[str, Any] = {
        "run": run.folder.name,
        "rows": len(adapted.assembled.teacher.unlabelled) if adapted.assembled.teacher else 0,
        "parameters": {"teacher": run.metrics.get("cost", {}).get("parameters"), "student": parameters},
        "teacher": measured(answers, test, data, standard),
        "student": measured(student, test, data, standard),
    }
    if recipe.teacher.compare:
        progress.line("training the same student without its teacher, to see what it is worth")
        own = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"run": None})})
        found["alone"] = measured(trained_anew(data, own, known, work), test, data, standard)
        found["closed"] = _closed(found, standard.primary)
    return found


def _closed(found: dict[str, Any], primary: str) -> float | None:
    """Share of the gap between the student alone and its teacher; None where there is none to close, or
    where the metric has a threshold of its own, which none of the three was given."""
    alone, student, teacher = (
        found[key].get(primary, {}).get("value") for key in ("alone", "student", "teacher")
    )
    if None in (alone, student, teacher) or np.isclose(teacher, alone, atol=1e-4):
        return None
    return float((student - alone) / (teacher - alone))
