"""A candidate on a sample of the user's rows: what its features tell, how long it takes, and how good it gets."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.progress import SILENT
from vertikit.select.candidates import Candidate
from vertikit.select.transferability import log_evidence

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.adapt.assembling import Assembled
    from vertikit.adapt.binding import Bound
    from vertikit.adapt.fits import PrimaryMetric
    from vertikit.examples import Indices
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

TIMED = 15
"""Rows by which the time of one is taken."""
RESAMPLES = 500
FEW_VALID = 30
"""Fewer validation rows judge nothing: a fifth of the labelled ones does then."""
LEAST_VALID = 1000
"""Validation rows that judge, where there are as many; more where more train."""


@dataclass
class Standing:
    """How far a candidate came.

    Args:
        candidate: None for a classical model, which has no foundation.
        name: as it is typed. evidence: LogME of its features; NaN where it has none that are worth looking at.
        score: the primary metric on validation rows with its interval, of its last trial; frame: its answers there.
        rows: it was trained on in that trial; 0 for one that was never tried.
        parameters: of the encoder. milliseconds: median of one row, alone. seconds: that it took in all.
        why_not: why it did not get as far as the others.
    """

    name: str
    candidate: Candidate | None = None
    evidence: float = float("nan")
    score: dict[str, Any] = field(default_factory=dict)
    frame: pd.DataFrame | None = None
    rows: int = 0
    parameters: int | None = None
    milliseconds: float | None = None
    seconds: float = 0.0
    why_not: str = ""


@dataclass(frozen=True)
class Sample:
    """What all candidates are tried on.

    Args:
        data: with the examples of the sample alone. layers: of the recipe, without a backbone.
        truth: [N] of the target. train, valid: positions; those that train are in random order.
        primary: the metric that decides.
    """

    data: Prepared
    known: Registry
    layers: Sequence[Mapping[str, Any]]
    truth: NDArray[Any]
    train: Indices
    valid: Indices
    primary: PrimaryMetric
    progress: Progress

    @property
    def groups(self) -> NDArray[np.object_] | None:
        """[V] of the validation rows, where there are any."""
        own = self.data.examples.group
        return None if own is None else own[self.valid]

    def judge(self, standing: Standing, answers: NDArray[np.float64]) -> None:
        """Give a standing the score of its answers on the validation rows; VertikitError where there is none."""
        from vertikit.evaluate.frame import with_columns
        from vertikit.evaluate.measuring import measure

        primary, data = self.primary, self.data
        frame = data.outcome.frame(answers, list(self.truth[self.valid]))
        standing.frame = with_columns(frame, data.examples.take(self.valid), primary.metric.columns)
        standing.score = measure(
            standing.frame, {primary.name: primary.metric}, primary.context, groups=self.groups, resamples=RESAMPLES
        )[primary.name]  # fmt: skip
        if standing.score["value"] is None:
            raise VertikitError(
                f"{primary.name} cannot be told on the {len(frame):,} validation rows: {standing.score['why']}.",
                "Give a validation part of your own with --valid, or choose another metric: --set primary=NAME",
            )
        self.progress.line(f"{standing.name}: {primary.name} {standing.score['value']:.3f}")


class Trial:
    """A candidate assembled once, with the sample bound to it, and then trained as often as asked.

    VertikitError where it cannot be had, or does not fit the task's recipe.
    """

    def __init__(self, sample: Sample, standing: Standing, recipe: Recipe | None = None) -> None:
        """By that recipe, or by the task's with the standing's candidate in it."""
        from vertikit.adapt.assembling import assemble
        from vertikit.adapt.binding import bind, columns_values

        started = time.monotonic()
        self._sample, self.standing = sample, standing
        data, examples = sample.data, sample.data.examples
        self._recipe = _recipe_of(sample, standing) if recipe is None else recipe

        def learn(_: str, backbone: Any, columns: Any) -> None:
            backbone.fit(columns, columns_values(columns, examples.take(sample.train)))

        self._assembled: Assembled = assemble(
            data.task, self._recipe, data.outcome, sample.known, examples.column_names, learn=learn
        )
        self._bound: Bound = bind(self._assembled, examples, self._recipe, sample.progress)
        standing.seconds += time.monotonic() - started

    def look(self) -> None:
        """Size, time and, of features that are computed once, evidence."""
        standing, own, started = self.standing, self._assembled, time.monotonic()
        modules = (backbone.module for backbone in own.backbones.values())
        standing.parameters = sum(each.numel() for module in modules for each in module.parameters())
        standing.milliseconds = self._latency()
        if own.features_once and all(each.info.pretrained for each in own.backbones.values()):
            train = self._sample.train
            inputs = self._bound.inputs.values()
            features = np.concatenate([items.collate(train)["pooled"].numpy() for items in inputs], axis=1)
            standing.evidence = log_evidence(features, self._targets(train))
            self._sample.progress.line(
                f"{standing.name}: LogME {standing.evidence:.3f}, {standing.milliseconds:.1f} ms a row"
            )
        standing.seconds += time.monotonic() - started

    def _targets(self, rows: Indices) -> NDArray[np.float64]:
        """[n, T] as LogME takes them: of classes a column each."""
        outcome = self._sample.data.outcome
        encoded = np.asarray(outcome.encoded(self._sample.truth[rows]))
        if outcome.kind == "classes":
            return np.asarray(encoded[:, None] == np.arange(len(outcome.labels)), np.float64)
        return np.asarray(encoded, np.float64).reshape(len(rows), -1)

    def _latency(self) -> float:
        """Milliseconds, the median of single rows from their values to features."""
        import torch

        from vertikit.adapt.binding import bound_values

        own, seconds = self._assembled, []
        for at in self._sample.valid[:TIMED]:
            one = self._sample.data.examples.take(np.array([at]))
            started = time.perf_counter()
            with torch.inference_mode():
                for name, owner in own.bindings.items():
                    backbone = own.backbones[owner]
                    batch = backbone.items(bound_values(own, one, name)).collate(np.array([0]))
                    module = backbone.module.to(own.device).eval()
                    module(**{key: value.to(own.device) for key, value in batch.items()})
            seconds.append(time.perf_counter() - started)
        return 1000 * statistics.median(seconds)

    def answers(
        self, size: int, epoch_ended: Callable[[Mapping[str, float]], None] | None = None
    ) -> NDArray[np.float64]:
        """Train on the first `size` rows of the sample from the first state; what it says of the validation rows."""
        from vertikit.adapt.encoding import raw_outputs
        from vertikit.adapt.fitting import fit
        from vertikit.examples import Fold
        from vertikit.training.adapting import columns_of_loss

        started, sample, own = time.monotonic(), self._sample, self._assembled
        data, target = sample.data, sample.data.task.target.name
        fold = Fold(train=np.sort(sample.train[:size]), valid=sample.valid, calibrate=sample.valid)
        with tempfile.TemporaryDirectory(prefix="vertikit-trial-") as folder:
            fit(
                own, self._bound, sample.truth, fold, self._recipe, sample.primary, data.examples.group,
                target=target, folder=Path(folder), progress=SILENT, epoch_ended=epoch_ended,
                columns=columns_of_loss(own, data.examples, self._recipe),
            )  # fmt: skip
        raw = raw_outputs(own.model, self._bound.inputs, sample.valid, target, own.device)
        self.standing.rows = size
        self.standing.seconds += time.monotonic() - started
        return data.outcome.answers(own.head, raw)


def _recipe_of(sample: Sample, standing: Standing) -> Recipe:
    """The task's recipe with the candidate in it: frozen where it is pretrained, else by the task's own strategy, or
    all of it where that one needs a pretrained encoder."""
    from vertikit.recipe import resolve_recipe

    task, known = sample.data.task, sample.known
    assert standing.candidate is not None and standing.candidate.info is not None
    layers = [*sample.layers, {"backbone": dict(standing.candidate.choice)}]
    if standing.candidate.info.pretrained:
        return resolve_recipe(task, known, layers=[*layers, {"strategy": "probe"}])
    recipe = resolve_recipe(task, known, layers=layers)
    if known.get("strategies", recipe.strategy.name).resolve().needs_pretrained:
        return resolve_recipe(task, known, layers=[*layers, {"strategy": "full"}])
    return recipe


def sampled(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    rows: int,
    layers: Sequence[Mapping[str, Any]],
    progress: Progress,
) -> Sample:
    """A sample of the training part, and the validation part or, where that is small, a fifth of both."""
    from vertikit.adapt.out_of_fold import out_of_fold
    from vertikit.training.adapting import deciding

    if recipe.start.run is not None:
        raise UsageError(
            "start.run: trials begin with the plain encoder.",
            "Leave it out; `vertikit transfer` compares what runs are worth as a start.",
        )
    fold, outcome, examples = data.folds[0], data.outcome, data.examples
    truth = outcome.truth(examples, data.task.target.name)
    train, valid = fold.train, fold.valid
    if fold.refit or len(valid) < FEW_VALID:
        labelled = np.concatenate([fold.train, fold.valid])
        train, valid = out_of_fold(outcome.strata(truth), examples.group, labelled, recipe.seed)[0]
    random = np.random.default_rng(recipe.seed)
    train = random.permutation(train)[:rows]
    valid = np.sort(random.permutation(valid)[: max(rows, LEAST_VALID)])
    own = np.concatenate([train, valid])
    data = replace(data, examples=examples.take(own))
    return Sample(
        data, known, layers, truth[own], np.arange(len(train)), np.arange(len(train), len(own)),
        deciding(data, recipe, known), progress,
    )  # fmt: skip


def classical(sample: Sample, recipe: Recipe) -> list[Standing]:
    """The recipe's baselines, or else the protocol's, fitted on the whole sample."""
    from vertikit.run.model_parts import build_baseline

    data, found = sample.data, []
    train, none = np.sort(sample.train), sample.train[:0]
    for name in data.task.protocol.baselines if recipe.baselines is None else recipe.baselines:
        standing, started = Standing(name, rows=len(train)), time.monotonic()
        baseline = build_baseline(name, data.task, recipe, sample.known, data.outcome)
        learn = data.examples.take(train), sample.truth[train]
        baseline.fit(*learn, data.examples.take(none), sample.truth[none])
        answers = data.outcome.asked(name, baseline, data.examples.take(sample.valid))
        standing.seconds = time.monotonic() - started
        sample.judge(standing, answers)
        found.append(standing)
    return found
