"""The stage of a training that adapts: bind the examples, draw the learning curve, fit the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vertikit.adapt.assembling import Assembled
from vertikit.adapt.batching import padding_ratio
from vertikit.adapt.binding import Bound, bind
from vertikit.adapt.encoding import located_outputs, raw_outputs
from vertikit.adapt.fits import PrimaryMetric
from vertikit.adapt.fitting import fit
from vertikit.adapt.languages import foreign_texts
from vertikit.adapt.nearness import drawn_near
from vertikit.adapt.out_of_fold import Fitting
from vertikit.adapt.trainer import trains_in_bf16
from vertikit.contracts import LocatingHead, WeighingLoss
from vertikit.errors import UsageError
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.judging import context_of
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.progress import Progress
from vertikit.training.building import build
from vertikit.training.few_shot import few_shot
from vertikit.training.findings import without_effect
from vertikit.training.teaching import ask_teacher

if TYPE_CHECKING:
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Outcome
    from vertikit.prepare.prepared import Prepared
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task


@dataclass
class Adapted:
    """The adapted model, the bound examples, and what training left."""

    assembled: Assembled
    bound: Bound
    fitting: Fitting
    curve: list[tuple[float, int, Indices, NDArray[np.float64]]]
    """Learning curve: share, training rows, positions of the test part and its raw outputs."""
    few_shot: list[dict[str, Any]]
    """Recalls after few rows of each class."""
    target: str
    groups: NDArray[np.object_] | None
    foreign: list[str]
    """Sentences on texts in another language than the encoder's."""
    primary: str
    precision: str
    seconds: dict[str, float]
    parameters: tuple[int, int]
    """All and trained, before what stands in for some of them."""

    def raw(self, indices: Indices, target: str) -> NDArray[np.float64]:
        """Raw outputs [n, K] for examples at those positions."""
        return raw_outputs(self.assembled.model, self.bound.inputs, indices, target, self.assembled.device)

    def located(
        self, indices: Indices, target: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
        """The same, and maps [n, h, w] of a head that tells where."""
        own = self.assembled
        if not len(indices) or not isinstance(own.head, LocatingHead):
            return self.raw(indices, target), None
        return located_outputs(own.model, self.bound.inputs, indices, target, own.device)


def adapt(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    work: Path,
    progress: Progress,
    epoch_ended: Callable[[Mapping[str, float]], None],
) -> Adapted:
    """Build the recipe's model and train it on the first fold of the data."""
    task, fold = data.task, data.folds[0]
    target = task.target.name
    outcome = data.outcome
    primary = deciding(data, recipe, known)
    name = primary.name
    if recipe.blend is not None:
        outcome.pool()  # where answers cannot be blended, that is said before anything is trained
    clock = time.monotonic()

    built = build(data, recipe, known, work, progress)
    assembled, small = built.assembled, built.small
    total, trained = built.parameters
    progress.line(f"parameters: {trained:,} of {total:,} are trained ({trained / max(total, 1):.2%})")
    loaded = time.monotonic() - clock
    if small is not None and assembled.frozen:
        small.end(assembled, built.values)
    examples = data.examples
    if recipe.teacher.run is not None:
        examples = ask_teacher(assembled, data, recipe, known, work, progress)
    bound = bind(assembled, examples, recipe, progress)
    strange = foreign_texts(task, assembled, data.examples)
    for line in [*strange, *without_effect(assembled)]:
        progress.line(f"warning: {line}")
    _tell_lengths(bound, fold, recipe, progress)
    truth = outcome.truth(data.examples, target)
    if further := len(examples) - len(truth):
        truth = np.concatenate(
            [truth, np.full(further, np.nan if truth.dtype.kind == "f" else None, truth.dtype)]
        )
    columns = columns_of_loss(assembled, data.examples, recipe)
    options: dict[str, Any] = {"target": target, "progress": progress, "columns": columns}
    nearness = None if assembled.teacher is None else assembled.teacher.nearness
    with drawn_near(assembled, nearness):
        curve = []
        test = main_test(fold, task)
        for share in recipe.evaluation.learning_curve:
            part = _share_of(fold, share, data.examples.drawn, recipe.seed)
            fit(
                assembled,
                bound,
                truth,
                part,
                recipe,
                primary,
                data.examples.drawn,
                folder=work / f"share-{share}",
                **options,
            )
            raw = raw_outputs(assembled.model, bound.inputs, test, target, assembled.device)
            curve.append((share, len(part.train), test, raw))
        few = few_shot(
            assembled, bound, truth, fold, test, recipe, primary, data.examples.drawn,
            folder=work / "few-shot", **options,
        )  # fmt: skip
        if small is not None and small.keeps_head(assembled):
            fitting = small.with_head(assembled, bound, fold, target)
        else:
            fitting = fit(
                assembled, bound, truth, fold, recipe, primary, data.examples.drawn,
                folder=work, epoch_ended=epoch_ended, **options,
            )  # fmt: skip
    if small is not None and not assembled.frozen:
        small.end(assembled, built.values)
    seconds = {"load": loaded, "features": bound.seconds, "train": fitting.seconds}
    precision = "bf16" if trains_in_bf16(recipe, assembled.device) else "fp32"
    return Adapted(
        assembled, bound, fitting, curve, few, target, data.examples.drawn, strange, name, precision, seconds,
        built.parameters,
    )  # fmt: skip


def deciding(data: Prepared, recipe: Recipe, known: Registry) -> PrimaryMetric:
    """The metric that decides, on those examples; UsageError where it cannot."""
    outcome, name = data.outcome, recipe.primary or data.task.protocol.primary
    metric = resolve_metrics([name], known)[name]
    primary = PrimaryMetric(
        name,
        metric,
        context_of(outcome, {}, recipe.policy.options),
        with_columns(pd.DataFrame(index=range(len(data.examples))), data.examples, metric.columns),
    )
    _check_is_one_number(primary, outcome)
    return primary


def _check_is_one_number(primary: PrimaryMetric, outcome: Outcome) -> None:
    """UsageError, before anything is trained, where the metric that is to decide gives several numbers, or none."""
    known = () if primary.beside is None else primary.beside.columns
    if lacking := [each for each in primary.metric.needs if each not in known]:
        raise UsageError(
            f"the recipe is wrong at primary: metric {primary.name!r} reads {' and '.join(lacking)}, which the data "
            "has not.",
            "Name the column with --map, or choose another metric.",
        )
    if primary.metric.aim is not None:
        raise UsageError(
            f"the recipe is wrong at primary: of metric {primary.name!r} neither more nor less is better, so it cannot "
            "decide.",
            "Choose another; `vertikit show` lists the metrics.",
        )
    flawless = outcome.flawless()
    if isinstance(primary.score(flawless, np.zeros(len(flawless), np.int64)), Mapping):
        raise UsageError(
            f"the recipe is wrong at primary: metric {primary.name!r} gives several numbers, so it cannot decide.",
            "Choose one that gives a single number; `vertikit show` lists the metrics.",
        )


def columns_of_loss(
    assembled: Assembled, examples: Examples, recipe: Recipe
) -> dict[str, NDArray[np.float64]]:
    """The columns [N] that the loss weighs examples by; UsageError where one is missing or holds no numbers."""
    if not isinstance(assembled.loss, WeighingLoss):
        return {}
    for name in assembled.loss.needs:
        kind = examples.table.features[name].dtype if name in examples.table.column_names else "missing"
        if kind in ("missing", "string"):
            why = "and the data has no such column" if kind == "missing" else "which holds no numbers"
            raise UsageError(
                f"loss {recipe.loss.name!r} weighs rows by {name!r}, {why}.",
                "Name another column, or leave it out.",
            )
    return {name: examples.numbers(name) for name in assembled.loss.needs}


def main_test(fold: Fold, task: Task) -> Indices:
    """The test part that decides: the one called "test", else the first that holds no groups which training knows."""
    known = () if task.group is None else task.group.known_in
    names = sorted(fold.tests, key=lambda name: (name != "test", name in known))
    return fold.tests[names[0]]


def _share_of(fold: Fold, share: float, groups: NDArray[np.object_] | None, seed: int) -> Fold:
    """The fold with a share of its training groups (or rows)."""
    own = fold.train if groups is None else groups[fold.train].astype(str)
    units = np.unique(own)
    kept = np.random.default_rng(seed).permutation(units)[: max(1, round(share * len(units)))]
    return replace(fold, train=fold.train[np.isin(own, kept)])


def _tell_lengths(bound: Bound, fold: Fold, recipe: Recipe, progress: Progress) -> None:
    for name, lengths in bound.lengths.items():
        for line in lengths.notes(name):
            progress.line(line)
    ratio = padding_ratio(bound.inputs, fold.train, recipe.batch.rows, recipe.seed)
    if ratio > 1:
        progress.line(f"batches sorted by length: random ones would hold {ratio:.2f} times the tokens")
