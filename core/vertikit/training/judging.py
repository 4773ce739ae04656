"""The stage of a training that judges: calibrate, decide, fit the baselines, and put all of it in numbers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vertikit.evaluate.blending import Blend
from vertikit.evaluate.folding import folding
from vertikit.evaluate.frame import probability_columns, with_columns
from vertikit.evaluate.judging import ALONE, MODEL, MOST_LINES, Judged, Standard, judge
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.evaluate.probing import probe, warnings_of_probes
from vertikit.evaluate.reasons import Usual
from vertikit.evaluate.ruling import constrained, held
from vertikit.remarks import build_remarks
from vertikit.run.model_parts import ModelParts, build_baseline, build_baselines, build_policy
from vertikit.run.results import test_predictions
from vertikit.training.adapting import Adapted, main_test
from vertikit.training.blending import out_of_fold_answers
from vertikit.training.few_shot import full_figure, with_full
from vertikit.training.findings import learning_curve, overfitting, warnings_of

if TYPE_CHECKING:
    from vertikit.contracts import Baseline, Expert
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Calibration
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task


@dataclass
class Evaluated:
    """metrics.json but for costs known later, the predictions of the deciding test part, and the parts of a run.

    `frame` is what its metrics read, a line for each of `examples`.
    """

    metrics: dict[str, Any]
    predictions: pd.DataFrame
    frame: pd.DataFrame
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
    target, outcome = task.target.name, adapted.assembled.outcome
    names = dict.fromkeys((adapted.primary, *task.protocol.metrics, *recipe.metrics))
    standard = Standard(
        resolve_metrics(names, known),
        adapted.primary,
        outcome,
        recipe.evaluation.bootstrap,
        recipe.seed,
        recipe.policy.options,
    )
    truth = outcome.truth(examples, target)
    assembled = adapted.assembled

    calibration = outcome.calibration()
    raw, rows = adapted.fitting.calibrate_raw, adapted.fitting.calibrate
    wanted, encoded = list(truth[rows]), outcome.encoded(truth[rows])
    before = outcome.frame(outcome.answers(assembled.head, raw), wanted)
    if recipe.calibration == "temperature" or calibration.always:
        calibration.fit(raw, encoded)
    answers = own = outcome.answers(assembled.head, calibration.apply(raw))
    calibrated = outcome.frame(own, wanted)

    clock = time.monotonic()
    baselines = build_baselines(task, recipe, known, outcome)
    answering = dict(baselines)
    if recipe.blend is not None and recipe.blend not in answering:
        answering[recipe.blend] = build_baseline(recipe.blend, task, recipe, known, outcome)
    learn, choose = fold.train, fold.valid
    if fold.refit:
        learn, choose = np.concatenate([fold.train, fold.valid]), fold.valid[:0]
    for name, baseline in answering.items():
        progress.line(f"baseline {name}: fitting on {len(learn) + len(choose):,} rows")
        baseline.fit(examples.take(learn), truth[learn], examples.take(choose), truth[choose])
    blend = None
    if recipe.blend is not None:
        blend = Blend(recipe.blend, answering[recipe.blend], outcome.pool())
        beside = out_of_fold_answers(blend.baseline, examples, truth, adapted.fitting, recipe.blend, outcome)
        blend.pool.fit(own, beside, encoded)
        progress.line(blend.told())
        answers = blend.pool.apply(own, beside)
    certainty = outcome.certainty()
    if certainty is not None:
        certainty.fit(answers, encoded)
        answers = certainty.apply(answers)
    answers = constrained(answers, held(experts, examples.take(rows), outcome.labels).constraint)
    after = outcome.frame(answers, wanted)
    folds = folding(task, examples.take(rows), truth[rows])
    standard = _learnt(task, standard, examples.take(rows), after, calibrated, baselines, examples, adapted)

    def beside_columns(frame: pd.DataFrame) -> pd.DataFrame:
        return with_columns(frame, examples.take(rows), standard.columns)

    seconds = {"baselines": time.monotonic() - clock}
    policy = build_policy(recipe, known)
    seen, answered = examples.take(rows), after
    if folds is not None:
        seen, answered = (
            folds.examples(seen),
            outcome.frame(folds.answers(answers), list(truth[rows][folds.first])),
        )
    listed = outcome.listed(with_columns(answered, seen, policy.needs), seen, MOST_LINES)
    policy.fit(listed.frame, outcome.labels)
    usual = None
    if policy.explains and assembled.tables:
        usual = Usual(task.unit)
        numbers = () if assembled.beside is None else assembled.beside.columns
        explaining = [each for columns in assembled.tables.values() for each in columns]
        explaining += [column for column in task.inputs if column.name in numbers]
        usual.fit(explaining, examples.take(fold.train))
    parts = ModelParts(
        assembled, calibration, policy, baselines, blend, certainty, experts, usual,
        lowest_without=task.lowest_without,
    )  # fmt: skip
    learnt = np.concatenate([fold.train, fold.valid])
    parts.learnt_from.fit(task, examples, learnt, np.concatenate(list(fold.tests.values())), data.fingerprint)
    if recipe.remarks:
        parts.remarks = build_remarks(task, examples.table.column_names)
    if parts.remarks is not None:
        progress.line(f"remarks: {' and '.join(parts.remarks.columns)}")
        parts.remarks.fit(examples.take(rows), truth[rows], parts.encode)
    clock = time.monotonic()

    def judged(indices: Indices) -> Judged:
        part = examples.take(indices)
        raw, maps = adapted.located(indices, target)
        return judge(
            task,
            part,
            parts.answers(raw, part),
            {name: outcome.asked(name, baseline, part) for name, baseline in baselines.items()},
            policy,
            standard,
            alone=None if blend is None else parts.alone(raw),
            said=parts.held(part),
            unseen=not data.leaks.kept,
            later=_is_later(fold, examples, part),
            known=_is_known(fold, examples, part),
            maps=maps,
        )

    deciding = main_test(fold, task)
    progress.line(f"judging on {len(deciding):,} rows, {recipe.evaluation.bootstrap:,} resamples")
    main = judged(deciding)
    further = {
        name: judged(indices).results for name, indices in fold.tests.items() if indices is not deciding
    }
    probes = probe(task, examples.take(deciding), parts, standard.context, recipe.seed, progress.line)
    metrics: dict[str, Any] = {
        "task": task.name,
        "primary": standard.primary,
        "higher_is_better": standard.metrics[standard.primary].higher_is_better,
        **main.results,
        "tests": {
            name: {**each["test"], "verdict": each["verdict"], "baselines": each["baselines"]}
            for name, each in further.items()
        },
        **({"probes": probes} if probes else {}),
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
        "labels": list(outcome.labels),
        "outcome": outcome.manifest(),
        "calibration": _calibration(calibration, recipe, before, after, standard),
        "epochs": adapted.fitting.epochs,
        **({"learnt": standard.learnt} if standard.learnt else {}),
        "cost": _cost(adapted),
        "folds": [],
    }
    metrics["policy"] = {"name": recipe.policy.name, **metrics["policy"]}
    if blend is not None:
        metrics["blend"] = blend.account()
    if adapted.curve:
        metrics["learning_curve"] = learning_curve(data, adapted, fold, truth, standard, main.results)
    if adapted.few_shot:
        full = full_figure(main.frame, truth, examples.group, deciding, recipe)
        metrics["few_shot"] = with_full(adapted.few_shot, full, len(fold.train))
    unblended = measure(beside_columns(calibrated), standard.metrics, standard.context, resamples=0)
    metrics |= overfitting(data, adapted, fold, truth, standard, unblended, recipe)
    metrics["warnings"] = [*warnings_of(data, adapted, metrics), *warnings_of_probes(probes)]
    seconds["evaluate"] = time.monotonic() - clock
    tested = examples.take(deciding)
    predictions = test_predictions(task, tested, main.frame, parts)
    return Evaluated(metrics, predictions, main.frame, tested, parts, standard, seconds)


def _learnt(
    task: Task,
    standard: Standard,
    rows: Examples,
    after: pd.DataFrame,
    alone: pd.DataFrame,
    baselines: Mapping[str, Baseline],
    data: Examples,
    adapted: Adapted,
) -> Standard:
    """The standard with what its metrics learn (thresholds) on the calibration `rows`, of each who answers there."""
    if not any(metric.learn for metric in standard.metrics.values()):
        return standard
    outcome = standard.outcome
    truth = outcome.truth(data, adapted.target)
    wanted = list(truth[adapted.fitting.calibrate])
    frames = {MODEL: after, ALONE: alone}
    for name, baseline in baselines.items():
        answers = out_of_fold_answers(baseline, data, truth, adapted.fitting, name, outcome)
        frames[name] = outcome.frame(answers, wanted)
    folds = folding(task, rows, truth[adapted.fitting.calibrate])

    def learn(each: pd.DataFrame) -> dict[str, Any]:
        if folds is None:
            return standard.learn(with_columns(each, rows, standard.columns))
        answers = folds.answers(each[probability_columns(outcome.labels)].to_numpy(np.float64))
        folded = outcome.frame(answers, [wanted[at] for at in folds.first])
        return standard.learn(with_columns(folded, folds.examples(rows), standard.columns))

    learnt = {name: learn(each) for name, each in frames.items()}
    return replace(standard, learnt=learnt)


def _is_later(fold: Fold, examples: Examples, part: Examples) -> bool:
    """Whether a part begins after the end of all rows that were learnt from."""
    if examples.span is None or part.span is None or not len(part):
        return False
    learnt = np.concatenate([fold.train, fold.valid])
    return bool(np.nanmin(part.span[:, 0]) > np.nanmax(examples.span[learnt, 1]))


def _is_known(fold: Fold, examples: Examples, part: Examples) -> bool:
    """Whether every group of a part is one that was learnt from."""
    if examples.group is None or part.group is None or not len(part):
        return False
    learnt = set(examples.group[np.concatenate([fold.train, fold.valid])]) - {None}
    return all(group in learnt for group in part.group)


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
    calibration: Calibration,
    recipe: Recipe,
    before: pd.DataFrame,
    after: pd.DataFrame,
    standard: Standard,
) -> dict[str, Any]:
    account = calibration.account()
    if not account:
        return {}
    result: dict[str, Any] = {"method": recipe.calibration, **account, "rows": len(after)}
    if "ece" in standard.metrics:
        ece = standard.metrics["ece"]
        result["ece_before"] = ece.compute(before, standard.context)
        result["ece_after"] = ece.compute(after, standard.context)
    return result


def _cost(adapted: Adapted) -> dict[str, Any]:
    parameters, trainable = adapted.parameters
    return {
        "parameters": parameters,
        "trainable": trainable,
        "trainable_share": trainable / max(parameters, 1),
        "device": str(adapted.assembled.device),
        "precision": adapted.precision,
        **({} if adapted.fitting.batch is None else {"batch": adapted.fitting.batch.model_dump()}),
    }
