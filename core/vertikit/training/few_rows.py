"""Few rows of each class: head, class weights and blend chosen by out-of-fold scores on all labelled rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError
from vertikit.evaluate.blending import Blend
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.optimism import expected
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.recipe.merging import lay_over
from vertikit.run.model_parts import build_baseline
from vertikit.training.adapting import adapt, deciding
from vertikit.training.blending import out_of_fold_answers
from vertikit.training.compressing import NOTHING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.adapt.out_of_fold import Fitting
    from vertikit.contracts import BackboneSource
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

FEW = 64
"""Rows of the largest class up to which the mode is proposed."""


@dataclass
class Way:
    """A setting that was tried: its name, its layer of the recipe, and its answers to every labelled row, each by a fit
    that had not seen it."""

    name: str
    layer: Mapping[str, Any]
    frame: pd.DataFrame
    score: dict[str, Any]


def all_labelled(data: Prepared) -> Prepared:
    """The data with all labelled rows in one part: each is judged by fits that have not seen it, then all train."""
    fold = data.folds[0]
    labelled = np.sort(np.concatenate([fold.train, fold.valid]))
    none = labelled[:0]
    return replace(
        data,
        folds=(replace(fold, train=labelled, valid=none, calibrate=none, refit=True), *data.folds[1:]),
    )


def choose_ways(
    data: Prepared,
    recipe: Recipe,
    layers: Sequence[Mapping[str, Any]],
    known: Registry,
    work: Path,
    progress: Progress,
) -> tuple[Recipe, dict[str, Any]]:
    """The recipe with the best of the settings, and the key "few_shot_mode" of metrics.json.

    `data` are those of `all_labelled`. Test rows are not looked at. UsageError where the target is not of classes.
    """
    task, outcome = data.task, data.outcome
    if outcome.kind != "classes":
        raise UsageError(
            "few_shot chooses among heads of classes, and the target is none of classes here.",
            "Leave it out: --set few_shot=false",
        )
    primary = deciding(data, recipe, known)
    labelled = data.folds[0].train
    truth = outcome.truth(data.examples, task.target.name)
    groups = None if data.examples.group is None else data.examples.group[labelled]
    beside: dict[str, Answers] = {}
    ways: list[Way] = []

    def judged(name: str, layer: Mapping[str, Any], answers: Answers) -> None:
        frame = outcome.frame(answers, list(truth[labelled]))
        if primary.beside is not None and len(primary.beside.columns):
            own = primary.beside.iloc[labelled]
            frame = frame.assign(**{column: own[column].to_numpy() for column in own.columns})
        score = measure(
            frame, {primary.name: primary.metric}, primary.context, groups=groups,
            resamples=recipe.evaluation.bootstrap, seed=recipe.seed,
        )[primary.name]  # fmt: skip
        ways.append(Way(name, layer, frame, score))
        progress.line(f"few rows: {name}: {primary.name} {score['value']:.4f} out of fold")

    for at, (name, layer) in enumerate(_heads(recipe, known, data)):
        alone = lay_over(layer, {"blend": None, "few_shot": False})
        own = resolve_recipe(task, known, layers=[*layers, alone])
        adapted = adapt(data, own, known, work / f"way-{at + 1}", SILENT, lambda _: None)
        answers = _in_order(
            outcome.answers(adapted.assembled.head, adapted.fitting.calibrate_raw), adapted.fitting
        )
        judged(name, {**layer, "blend": None}, answers)
        for other in _blends(recipe, data):
            if other not in beside:
                baseline = build_baseline(other, task, recipe, known, outcome)
                examples = data.examples
                baseline.fit(examples.take(labelled), truth[labelled], examples.take(labelled[:0]), truth[:0])
                found = out_of_fold_answers(baseline, examples, truth, adapted.fitting, other, outcome)
                beside[other] = _in_order(found, adapted.fitting)
            blend = Blend(other, build_baseline(other, task, recipe, known, outcome), outcome.pool())
            blend.pool.fit(answers, beside[other], outcome.encoded(truth[labelled]))
            judged(f"{name} + {other}", {**layer, "blend": other}, blend.pool.apply(answers, beside[other]))
    sign = 1 if primary.metric.higher_is_better else -1
    best = max(ways, key=lambda way: sign * (way.score["value"] or -sign * np.inf))
    worth = expected(primary.metric, primary.context, [way.frame for way in ways], groups)
    told = f"few rows: {best.name} is chosen"
    progress.line(told + ("" if worth is None else f"; corrected for the choice, {worth:.4f}"))
    chosen = resolve_recipe(task, known, layers=[*layers, best.layer])
    return chosen, {
        "rows": len(labelled),
        "largest_class": largest_class(data),
        "primary": primary.name,
        "tried": [{"name": way.name, "score": way.score, "chosen": way is best} for way in ways],
        "expected": worth,
    }


def largest_class(data: Prepared) -> int:
    """Labelled rows of the largest class; 0 where the target is none of classes."""
    if data.outcome.kind != "classes":
        return 0
    fold = data.folds[0]
    truth = data.outcome.truth(data.examples, data.task.target.name)
    return max(Counter(truth[np.concatenate([fold.train, fold.valid])].tolist()).values(), default=0)


def _heads(recipe: Recipe, known: Registry, data: Prepared) -> list[tuple[str, dict[str, Any]]]:
    """The recipe's own way, and, on a pretrained encoder that stays as it is, every head that suits few rows; where the
    encoder is made for the data, the recipe's own with classes weighed alike."""
    from vertikit.select.choosing import choose_backbone

    source: BackboneSource = choose_backbone(recipe.backbone, known, data.task.modalities)
    own: list[tuple[str, dict[str, Any]]] = [("the recipe as it is", {})]
    if not source.info().pretrained:
        return [*own, ("balanced classes", {"class_weights": "balanced"})]
    heads = [
        each.name
        for each in known.components("heads")
        if not each.missing()
        and vars(each.resolve()).get("few_rows")  # its own word: one that inherits it may suit other targets
    ]
    return [*own, *((name, {"strategy": NOTHING, "head": name}) for name in heads)]


def _blends(recipe: Recipe, data: Prepared) -> list[str]:
    """What may be blended in: the recipe's own, or the last of the protocol's baselines."""
    if recipe.blend is not None:
        return [recipe.blend]
    names = data.task.protocol.baselines if recipe.baselines is None else recipe.baselines
    return [names[-1]] if len(names) > 1 else []


def _in_order(answers: NDArray[np.float64], fitting: Fitting) -> NDArray[np.float64]:
    """Those of the rows for calibration in the order of their positions."""
    return answers[np.argsort(fitting.calibrate, kind="stable")]
