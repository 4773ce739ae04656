"""The same model trained once more by another recipe, to see what a part of it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.measuring import measure
from vertikit.progress import SILENT
from vertikit.training.adapting import adapt, main_test

if TYPE_CHECKING:
    from vertikit.evaluate.judging import Standard
    from vertikit.examples import Examples
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


def trained_anew(data: Prepared, recipe: Recipe, known: Registry, work: Path) -> Answers:
    """Calibrated answers [n, A] of the test part by that recipe's model, without its learning curve."""
    evaluation = recipe.evaluation.model_copy(update={"learning_curve": []})
    own = recipe.model_copy(update={"evaluation": evaluation})
    adapted = adapt(data, own, known, work, SILENT, lambda _: None)
    outcome, target = adapted.assembled.outcome, data.task.target.name
    calibration = outcome.calibration()
    if recipe.calibration == "temperature":
        truth = outcome.truth(data.examples, target)[adapted.fitting.calibrate]
        calibration.fit(adapted.fitting.calibrate_raw, outcome.encoded(truth))
    raw = adapted.raw(main_test(data.folds[0], data.task), target)
    return outcome.answers(adapted.assembled.head, calibration.apply(raw))


def measured(answers: Answers, test: Examples, data: Prepared, standard: Standard) -> dict[str, Any]:
    """By metrics that need no threshold of their own: one learnt of the whole answer would fit none of these sides."""
    metrics = {name: metric for name, metric in standard.metrics.items() if metric.learn is None}
    truth = standard.outcome.truth(test, data.task.target.name)
    frame = with_columns(standard.outcome.frame(answers, truth), test, standard.columns)
    return measure(
        frame,
        metrics,
        standard.context,
        groups=test.group,
        resamples=standard.resamples,
        seed=standard.seed,
    )
