"""Foundation models in order, before one of them is adapted: by evidence in their features, then by short trials."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.places import several
from vertikit.progress import SILENT
from vertikit.select.candidates import Candidate, candidates
from vertikit.select.transferability import log_evidence

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.adapt.assembling import Assembled
    from vertikit.adapt.binding import Bound
    from vertikit.contracts import Metric, MetricContext
    from vertikit.examples import Examples, Indices
    from vertikit.outcome import Outcome
    from vertikit.prepare.prepared import Sources
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task

FEW_VALID = 30
"""Fewer validation rows judge nothing: a fifth of the labelled ones does then."""
LEAST_VALID = 1000
"""Validation rows that judge, where there are as many; more where more train."""
TIMED = 15
"""Rows by which the time of one is taken."""
RESAMPLES = 500
SURVIVE = 0.5
"""Of the candidates, from one rung to the next; never fewer than two."""


@dataclass
class Standing:
    """How far a candidate came.

    Args:
        candidate: None for a classical model, which has no foundation.
        name: as it is typed. evidence: LogME of its features; NaN where it has none that are worth looking at.
        score: the primary metric on validation rows with its interval, of the last rung that it reached.
        rows: it was trained on in that rung. rung: from 1; 0 for one that was never tried.
        parameters: of the encoder. milliseconds: median of one row, alone. seconds: that it took in all.
        why_not: why it did not get as far as the others.
    """

    name: str
    candidate: Candidate | None = None
    evidence: float = float("nan")
    score: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    rung: int = 0
    parameters: int | None = None
    milliseconds: float | None = None
    seconds: float = 0.0
    why_not: str = ""


@dataclass(frozen=True)
class Ranking:
    """Candidates and classical models, the best first, and what they were judged by.

    Args:
        primary: metric; higher_is_better: of it. rows: of the sample that trained, valid: that judged.
        difference: of the first two of the last rung, with its interval; empty where there is but one.
        reason: in words, whole sentences.
    """

    task: str
    primary: str
    higher_is_better: bool
    rows: int
    valid: int
    standings: tuple[Standing, ...]
    difference: Mapping[str, Any]
    reason: str

    @property
    def best(self) -> Standing:
        """The first foundation model."""
        return next(each for each in self.standings if each.candidate is not None)


@dataclass(frozen=True)
class _Field:
    """What all candidates are judged on."""

    task: Task
    known: Registry
    layers: Sequence[Mapping[str, Any]]
    examples: Examples
    truth: NDArray[Any]
    outcome: Outcome
    train: Indices
    valid: Indices
    primary: str
    metric: Metric
    context: MetricContext
    progress: Progress

    def groups(self) -> NDArray[np.object_] | None:
        own = self.examples.group
        return None if own is None else own[self.valid]


def rank(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    asked: Sequence[str],
    rows: int,
    progress: Progress,
) -> Ranking:
    """Rank backbones for a task on a sample of the user's training rows; the test rows are not looked at.

    Pretrained encoders are ordered by `log_evidence` of their features; the better half goes on. Then, rung by rung, a
    head is trained on more rows of the sample (an untrained network: all of it), and the better half by the primary
    metric on validation rows goes on (successive halving, Jamieson and Talwalkar 2016, arXiv:1502.07943). Features are
    kept on disk, where a training finds them. Baselines of the protocol are fitted on the same rows.

    Args:
        asked: backbones as they are typed; without any, those at hand.
        rows: of training in the sample, at most.

    Raises UsageError where fewer than one candidate can be had.
    """
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry

    known = registry()
    task = known.task(task_name)
    plain: list[Mapping[str, Any]] = [*layers, {"experts": [], "blend": None, "refit": "never"}]
    recipe = resolve_recipe(task, known, layers=plain)
    found = candidates(task, recipe, known, asked)
    usable = [each for each in found if not each.why_not]
    if not usable:
        why = "; ".join(f"{each.name}: {each.why_not}" for each in found)
        raise UsageError("no foundation model can be had.", why or "Name one with --candidate.")
    with tempfile.TemporaryDirectory(prefix="vertikit-select-") as folder:
        (Path(folder) / "rows").mkdir()
        data = prepare(task, sources, recipe, known, Path(folder) / "rows", progress.line)
        task = task.for_outcome(data.outcome.kind)
        where = _sampled(replace(data, task=task), recipe, known, rows, plain, progress)
        standings = [Standing(each.name, each, why_not=each.why_not) for each in found]
        running = [each for each in standings if not each.why_not]
        frames: dict[str, pd.DataFrame] = {}
        running = _by_evidence(where, running)
        sizes = [len(where.train)] if len(running) < 3 else [max(50, len(where.train) // 4), len(where.train)]
        for rung, size in enumerate(dict.fromkeys(min(each, len(where.train)) for each in sizes), 1):
            progress.line(f"trial {rung}: {several(len(running), 'model')} on {size:,} rows")
            for each in running:
                _tried(where, each, size, rung, Path(folder), frames)
            running = [each for each in running if not each.why_not]
            if size < len(where.train):
                running = _better_half(running, where.metric.higher_is_better)
        standings += _classical(where, recipe, frames)
        return _ranked(where, standings, frames)


def _sampled(
    data: Any,
    recipe: Recipe,
    known: Registry,
    rows: int,
    layers: Sequence[Mapping[str, Any]],
    progress: Progress,
) -> _Field:
    """A sample of the training part, and the validation part or, where that is small, a fifth of both."""
    from vertikit.adapt.out_of_fold import out_of_fold
    from vertikit.contracts import MetricContext
    from vertikit.evaluate.metrics import resolve_metrics

    task, fold, outcome, examples = data.task, data.folds[0], data.outcome, data.examples
    truth = outcome.truth(examples, task.target.name)
    name = recipe.primary or task.protocol.primary
    metric = resolve_metrics([name], known)[name]
    train, valid = fold.train, fold.valid
    if fold.refit or len(valid) < FEW_VALID:
        labelled = np.concatenate([fold.train, fold.valid])
        train, valid = out_of_fold(outcome.strata(truth), examples.group, labelled, recipe.seed)[0]
    random = np.random.default_rng(recipe.seed)
    train = random.permutation(train)[:rows]  # in random order: a rung takes the first of them
    valid = np.sort(random.permutation(valid)[: max(rows, LEAST_VALID)])
    own = np.concatenate([train, valid])
    return _Field(
        task, known, layers, examples.take(own), truth[own], outcome,
        np.arange(len(train)), np.arange(len(train), len(own)), name, metric,
        MetricContext(outcome.labels, outcome.scale, policy=recipe.policy.options), progress,
    )  # fmt: skip


def _by_evidence(where: _Field, running: list[Standing]) -> list[Standing]:
    """LogME of every pretrained candidate, and those that go on: the better half of them, and all untrained ones."""
    for each in running:
        started = time.monotonic()
        assert each.candidate is not None and each.candidate.info is not None
        try:
            assembled, bound, _ = _bound(where, each, where.progress)
            each.milliseconds = _latency(where, assembled)
            modules = (backbone.module for backbone in assembled.backbones.values())
            each.parameters = sum(one.numel() for module in modules for one in module.parameters())
            if each.candidate.info.pretrained and assembled.features_once:
                features = np.concatenate(
                    [items.collate(where.train)["pooled"].numpy() for items in bound.inputs.values()], axis=1
                )
                each.evidence = log_evidence(features, _columns(where, where.train))
                where.progress.line(
                    f"{each.name}: LogME {each.evidence:.3f}, {each.milliseconds:.1f} ms a row"
                )
        except VertikitError as error:
            each.why_not = str(error)
            where.progress.line(f"{each.name}: left out: {error}")
        each.seconds += time.monotonic() - started
    there = [each for each in running if not each.why_not]
    seen = sorted((each for each in there if np.isfinite(each.evidence)), key=lambda each: -each.evidence)
    kept = {id(each) for each in seen[: max(2, round(len(seen) * SURVIVE + 0.25))]}
    for each in seen:
        if id(each) not in kept:
            each.why_not = "less evidence in its features"
    return [each for each in there if not each.why_not]


def _columns(where: _Field, rows: Indices) -> NDArray[np.float64]:
    """Targets [n, T] as LogME takes them: of classes a column each."""
    encoded = np.asarray(where.outcome.encoded(where.truth[rows]))
    if where.outcome.kind == "classes":
        return np.asarray(encoded[:, None] == np.arange(len(where.outcome.labels)), np.float64)
    return np.asarray(encoded, np.float64).reshape(len(rows), -1)


def _recipe_of(where: _Field, standing: Standing) -> Recipe:
    """The task's recipe with the candidate in it: frozen where it is pretrained, else by the task's own strategy."""
    from vertikit.recipe import resolve_recipe

    assert standing.candidate is not None and standing.candidate.info is not None
    layer: dict[str, Any] = {"backbone": dict(standing.candidate.choice)}
    recipe = resolve_recipe(where.task, where.known, layers=[*where.layers, layer])
    strategy = where.known.get("strategies", recipe.strategy.name).resolve()
    if standing.candidate.info.pretrained:
        layer["strategy"] = "probe"
    elif getattr(strategy, "needs_pretrained", False):
        layer["strategy"] = "full"
    return resolve_recipe(where.task, where.known, layers=[*where.layers, layer])


def _bound(where: _Field, standing: Standing, progress: Progress) -> tuple[Assembled, Bound, Recipe]:
    from vertikit.adapt.assembling import assemble
    from vertikit.adapt.binding import bind, columns_values

    recipe = _recipe_of(where, standing)

    def learn(_: str, backbone: Any, columns: Any) -> None:
        backbone.fit(columns, columns_values(columns, where.examples.take(where.train)))

    assembled = assemble(
        where.task, recipe, where.outcome, where.known, where.examples.column_names, learn=learn
    )
    return assembled, bind(assembled, where.examples, recipe, progress), recipe


def _latency(where: _Field, assembled: Assembled) -> float:
    """Milliseconds, the median of single rows from their values to features."""
    import torch

    from vertikit.adapt.binding import bound_values

    seconds = []
    for at in where.valid[:TIMED]:
        one = where.examples.take(np.array([at]))
        started = time.perf_counter()
        with torch.inference_mode():
            for name, owner in assembled.bindings.items():
                backbone = assembled.backbones[owner]
                batch = backbone.items(bound_values(assembled, one, name)).collate(np.array([0]))
                module = backbone.module.to(assembled.device).eval()
                module(**{key: value.to(assembled.device) for key, value in batch.items()})
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds)


def _tried(
    where: _Field, standing: Standing, size: int, rung: int, folder: Path, frames: dict[str, pd.DataFrame]
) -> None:
    """Train on the first `size` rows of the sample, and judge on the validation rows."""
    import pandas as pd

    from vertikit.adapt.encoding import raw_outputs
    from vertikit.adapt.fits import PrimaryMetric
    from vertikit.adapt.fitting import fit
    from vertikit.evaluate.frame import with_columns
    from vertikit.examples import Fold

    started = time.monotonic()
    train = np.sort(where.train[:size])
    fold = Fold(train=train, valid=where.valid, calibrate=where.valid)
    beside = with_columns(
        pd.DataFrame(index=range(len(where.examples))), where.examples, where.metric.columns
    )
    primary = PrimaryMetric(where.primary, where.metric, where.context, beside)
    try:
        assembled, bound, recipe = _bound(where, standing, SILENT)
        fit(
            assembled, bound, where.truth, fold, recipe, primary, where.examples.group,
            target=where.task.target.name, folder=folder / f"{rung}-{abs(hash(standing.name))}",
            progress=SILENT,
        )  # fmt: skip
        raw = raw_outputs(
            assembled.model, bound.inputs, where.valid, where.task.target.name, assembled.device
        )
        answers = where.outcome.answers(assembled.head, raw)
    except VertikitError as error:
        standing.why_not = str(error)
        where.progress.line(f"{standing.name}: left out: {error}")
        return
    standing.rows, standing.rung = size, rung
    standing.seconds += time.monotonic() - started
    _score(where, standing, answers, frames)


def _score(where: _Field, standing: Standing, answers: Any, frames: dict[str, pd.DataFrame]) -> None:
    from vertikit.evaluate.frame import with_columns
    from vertikit.evaluate.measuring import measure

    frame = where.outcome.frame(answers, list(where.truth[where.valid]))
    frame = with_columns(frame, where.examples.take(where.valid), where.metric.columns)
    frames[standing.name] = frame
    standing.score = measure(
        frame, {where.primary: where.metric}, where.context, groups=where.groups(), resamples=RESAMPLES
    )[where.primary]
    if standing.score["value"] is None:
        raise VertikitError(
            f"{where.primary} cannot be told on the {len(frame):,} validation rows: {standing.score['why']}.",
            "Give a validation part of your own with --valid, or choose another metric: --set primary=NAME",
        )
    where.progress.line(f"{standing.name}: {where.primary} {standing.score['value']:.3f}")


def _better_half(running: list[Standing], higher_is_better: bool) -> list[Standing]:
    ordered = sorted(running, key=lambda each: _key(each, higher_is_better))
    kept = ordered[: max(2, round(len(ordered) * SURVIVE + 0.25))]
    for each in ordered[len(kept) :]:
        each.why_not = "behind the others on fewer rows"
    return kept


def _key(standing: Standing, higher_is_better: bool) -> float:
    value = standing.score.get("value")
    return float("inf") if value is None else -value if higher_is_better else value


def _classical(where: _Field, recipe: Recipe, frames: dict[str, pd.DataFrame]) -> list[Standing]:
    """The protocol's baselines, fitted on the whole sample."""
    from vertikit.run.model_parts import build_baseline

    found = []
    names = where.task.protocol.baselines if recipe.baselines is None else recipe.baselines
    for name in names:
        standing, started = Standing(name, rows=len(where.train)), time.monotonic()
        baseline = build_baseline(name, where.task, recipe, where.known, where.outcome)
        train, none = np.sort(where.train), where.train[:0]
        baseline.fit(
            where.examples.take(train), where.truth[train], where.examples.take(none), where.truth[none]
        )
        asked = where.outcome.asked(name, baseline, where.examples.take(where.valid))
        standing.seconds = time.monotonic() - started
        _score(where, standing, asked, frames)
        found.append(standing)
    return found


def _ranked(where: _Field, standings: list[Standing], frames: Mapping[str, pd.DataFrame]) -> Ranking:
    """In order: who came as far as the last rung by the metric, then those of earlier ones, then by evidence."""
    from vertikit.evaluate.comparing import paired_difference

    higher = where.metric.higher_is_better

    def place(each: Standing) -> tuple[int, float, float]:
        return -each.rows, _key(each, higher), -each.evidence if np.isfinite(each.evidence) else 0.0

    ordered = sorted(standings, key=place)
    models = [each for each in ordered if each.candidate is not None and each.rung]
    if not models:
        why = "; ".join(f"{each.name}: {each.why_not}" for each in ordered if each.candidate is not None)
        raise VertikitError("no foundation model could be tried.", why)
    final = [each for each in ordered if each.name in frames and each.rows == models[0].rows]
    rival = next((each for each in final if each is not models[0]), None)
    difference: dict[str, Any] = {}
    if rival is not None:
        difference = paired_difference(
            frames[models[0].name], frames[rival.name], where.metric, where.context, where.groups(), RESAMPLES
        )
    ranking = Ranking(
        where.task.name,
        where.primary,
        higher,
        len(where.train),
        len(where.valid),
        tuple(ordered),
        difference,
        "",
    )
    return replace(ranking, reason=_reason(ranking, models, rival))


def _reason(ranking: Ranking, models: Sequence[Standing], rival: Standing | None) -> str:
    """Why the first foundation model is the first, and whether that is beyond luck."""
    best = models[0]
    said = [
        f"{best.name} is first: {ranking.primary} {best.score['value']:.3f} on {ranking.valid:,} validation rows, "
        f"learnt from {ranking.rows:,}."
    ]
    ends = ranking.difference.get("ci95")
    if rival is not None and ranking.difference.get("value") is not None:
        what = "the classical " + rival.name if rival.candidate is None else rival.name
        gap = ranking.difference["value"]
        beyond = ends is not None and (ends[0] > 0 or ends[1] < 0)
        words = "ahead of" if gap > 0 else "behind"
        told = f"It is {words} {what} by {abs(gap):.3f}"
        interval = (
            "" if ends is None else f" (95 % interval of the difference {ends[0]:.3f} to {ends[1]:.3f})"
        )
        said.append(f"{told}{interval}, {'beyond luck' if beyond else 'which may be luck'}.")
        if (
            not beyond
            and best.milliseconds
            and rival.milliseconds
            and rival.milliseconds < 0.7 * best.milliseconds
        ):
            said.append(
                f"{rival.name} takes {rival.milliseconds:.1f} ms a row and {best.name} {best.milliseconds:.1f}: where "
                "time counts, take that."
            )
    return " ".join(said)
