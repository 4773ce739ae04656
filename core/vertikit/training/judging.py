"""The stage of a training that judges: calibrate, decide, fit the baselines, and put all of it in numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vertikit.evaluate.blending import Blend
from vertikit.evaluate.calibration import Temperature
from vertikit.evaluate.frame import prediction_frame, with_columns
from vertikit.evaluate.judging import Judged, Standard, judge
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.evaluate.reasons import Usual
from vertikit.evaluate.ruling import constrained, held
from vertikit.run.model_parts import ModelParts, build_baseline, build_baselines, build_policy
from vertikit.run.results import test_predictions
from vertikit.training.adapting import Adapted, main_test
from vertikit.training.blending import out_of_fold_answers
from vertikit.training.findings import learning_curve, overfitting, warnings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vertikit.contracts import Expert
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


@dataclass
class Evaluated:
    """metrics.json but for costs known later, the predictions, and the parts that a run keeps."""

    metrics: dict[str, Any]
    predictions: pd.DataFrame
    examples: Examples
    parts: ModelParts
    standard: Standard
    seconds: dict[str, float]


def evaluate_run(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    adapted: Adapted,
    experts: Mapping[str, Expert],
    progress: Progress,
) -> Evaluated:
    """Judge an adapted model on the test parts of the first fold, beside baselines trained on the same rows."""
    task, fold, examples = data.task, data.folds[0], data.examples
    target, labels = task.target.name, adapted.assembled.labels
    names = dict.fromkeys((adapted.primary, *task.protocol.metrics, *recipe.metrics))
    standard = Standard(
        resolve_metrics(names, known),
        adapted.primary,
        labels,
        recipe.evaluation.bootstrap,
        recipe.seed,
        recipe.policy.options,
    )
    truth = examples.values(target)
    assembled = adapted.assembled

    temperature = Temperature()
    raw, rows = adapted.fitting.calibrate_raw, adapted.fitting.calibrate
    before = prediction_frame(labels, assembled.head.probabilities(raw), list(truth[rows]))
    classes = np.asarray([labels.index(label) for label in truth[rows]], dtype=np.int64)
    if recipe.calibration == "temperature":
        temperature.fit(raw, classes)
    own = assembled.head.probabilities(temperature.apply(raw))
    calibrated = prediction_frame(labels, own, list(truth[rows]))

    clock = time.monotonic()
    baselines = build_baselines(task, recipe, known)
    answering = dict(baselines)
    if recipe.blend is not None and recipe.blend not in answering:
        answering[recipe.blend] = build_baseline(recipe.blend, task, recipe, known)
    learn, choose = fold.train, fold.valid
    if fold.refit:
        learn, choose = np.concatenate([fold.train, fold.valid]), fold.valid[:0]
    for name, baseline in answering.items():
        progress.line(f"baseline {name}: fitting on {len(learn) + len(choose):,} rows")
        baseline.fit(examples.take(learn), truth[learn], examples.take(choose), truth[choose])
    blend, answers = None, own
    if recipe.blend is not None:
        blend = Blend(recipe.blend, answering[recipe.blend])
        beside = out_of_fold_answers(blend.baseline, examples, truth, adapted.fitting, labels)
        blend.pool.fit(own, beside, classes)
        progress.line(blend.told())
        answers = blend.pool.apply(own, beside)
    answers = constrained(answers, held(experts, examples.take(rows), labels).constraint)
    after = prediction_frame(labels, answers, list(truth[rows]))

    def beside_columns(frame: pd.DataFrame) -> pd.DataFrame:
        return with_columns(frame, examples.take(rows), standard.columns)

    seconds = {"baselines": time.monotonic() - clock}
    policy = build_policy(recipe, known)
    policy.fit(with_columns(after, examples.take(rows), policy.needs), labels)
    usual = None
    if policy.explains and assembled.tables:
        usual = Usual()
        usual.fit(
            [each for columns in assembled.tables.values() for each in columns], examples.take(fold.train)
        )
    parts = ModelParts(assembled, temperature, policy, baselines, blend, experts, usual)
    learnt = np.concatenate([fold.train, fold.valid])
    parts.learnt_from.fit(task, examples, learnt, np.concatenate(list(fold.tests.values())), data.fingerprint)
    clock = time.monotonic()

    def judged(indices: Indices) -> Judged:
        part = examples.take(indices)
        raw = adapted.raw(indices, target)
        return judge(
            task,
            part,
            parts.probabilities(raw, part),
            {name: baseline.probabilities(part, labels) for name, baseline in baselines.items()},
            policy,
            standard,
            alone=None if blend is None else parts.alone(raw),
            said=parts.held(part),
            unseen=not data.leaks.kept,
            later=_is_later(fold, examples, part),
        )

    progress.line(f"judging on {len(main_test(fold)):,} rows, {recipe.evaluation.bootstrap:,} resamples")
    main = judged(main_test(fold))
    further = {
        name: judged(indices).results
        for name, indices in fold.tests.items()
        if indices is not main_test(fold)
    }
    metrics: dict[str, Any] = {
        "task": task.name,
        "primary": standard.primary,
        "higher_is_better": standard.metrics[standard.primary].higher_is_better,
        **main.results,
        "tests": {name: {**each["test"], "verdict": each["verdict"]} for name, each in further.items()},
        "valid": measure(beside_columns(after), standard.metrics, standard.context, resamples=0),
        "rows": _row_counts(data, fold),
        "split": {
            "name": data.split,
            "why": known.get("splits", data.split).summary,
            "groups": None if examples.group is None else len(set(examples.group.astype(str))),
            "refit": fold.refit,
        },
        "leaks": vars(data.leaks),
        "notes": list(data.notes),
        "labels": list(labels),
        "calibration": _calibration(temperature, recipe, before, after, standard),
        "epochs": adapted.fitting.epochs,
        "cost": _cost(adapted),
        "folds": [],
    }
    metrics["policy"] = {"name": recipe.policy.name, **metrics["policy"]}
    if blend is not None:
        metrics["blend"] = blend.account()
    if adapted.curve:
        metrics["learning_curve"] = learning_curve(data, adapted, fold, truth, standard, main.results)
    unblended = measure(beside_columns(calibrated), standard.metrics, standard.context, resamples=0)
    metrics |= overfitting(data, adapted, fold, truth, standard, unblended, recipe)
    metrics["warnings"] = warnings_of(data, adapted, metrics)
    seconds["evaluate"] = time.monotonic() - clock
    tested = examples.take(main_test(fold))
    predictions = test_predictions(task, tested, main.frame, parts, labels)
    return Evaluated(metrics, predictions, tested, parts, standard, seconds)


def _is_later(fold: Fold, examples: Examples, part: Examples) -> bool:
    """Whether a part begins after the end of all rows that were learnt from."""
    if examples.span is None or part.span is None or not len(part):
        return False
    learnt = np.concatenate([fold.train, fold.valid])
    return bool(np.nanmin(part.span[:, 0]) > np.nanmax(examples.span[learnt, 1]))


def _row_counts(data: Prepared, fold: Fold) -> dict[str, Any]:
    return {
        "read": data.read,
        "quarantined": len(data.quarantine),
        "removed": len(data.removed),
        "train": len(fold.train),
        "valid": len(fold.valid),
        **{name: len(indices) for name, indices in fold.tests.items()},
        **({"outside": {why: len(part) for why, part in fold.outside.items()}} if fold.outside else {}),
    }


def _calibration(
    temperature: Temperature, recipe: Recipe, before: pd.DataFrame, after: pd.DataFrame, standard: Standard
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "method": recipe.calibration,
        "temperature": temperature.temperature,
        "rows": len(after),
    }
    if "ece" in standard.metrics:
        ece = standard.metrics["ece"]
        result["ece_before"] = ece.compute(before, standard.context)
        result["ece_after"] = ece.compute(after, standard.context)
    return result


def _cost(adapted: Adapted) -> dict[str, Any]:
    parameters, trainable = adapted.assembled.model.count_parameters()
    return {
        "parameters": parameters,
        "trainable": trainable,
        "trainable_share": trainable / parameters,
        "device": str(adapted.assembled.device),
        "precision": adapted.precision,
    }
