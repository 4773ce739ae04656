"""Trials of a recipe on validation rows: which setting is best, what it may be worth, and what mattered."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.optimism import expected
from vertikit.progress import SILENT
from vertikit.select.trials import Sample, Standing, Trial, sampled
from vertikit.tune.space import Knob, knobs, layer, value_of
from vertikit.tune.told import Tried, Tuned, as_json, importance, shown

if TYPE_CHECKING:
    import optuna
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.prepare.prepared import Sources
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe

STUDY, ANSWERS, RECIPE, RESULT = "study.db", "answers", "recipe.yaml", "tuning.json"
WARM_UP = 5
"""Trials before one may be ended early for being behind, and before a sampler learns of them."""
SEEN_FIRST = "the recipe as it is"
TIME_IS_UP = "the time is up: no further trial begins"


@dataclass
class Bench:
    """What all trials share."""

    sample: Sample
    recipe: Recipe
    layers: Sequence[Mapping[str, Any]]
    knobs: tuple[Knob, ...]
    folder: Path


Search = Callable[["optuna.Study", "Bench", int, float | None, "Progress"], None]
"""Makes that many trials of a study, none of which begins after a time of the monotonic clock."""


def tune(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    *,
    trials: int,
    seconds: float | None,
    space: Sequence[str],
    output: Path,
    progress: Progress,
    search: Search | None = None,
) -> Tuned:
    """Try settings of a task's recipe on its training rows, judged by its validation rows, and write the best recipe.

    A tree-structured Parzen estimator proposes (Bergstra et al. 2011, NeurIPS 24), the recipe as it is comes first, and
    a trial that is behind the median of the others at the same epoch is ended. A folder that holds the same search
    already is gone on with. The model is judged alone, without a blend.

    Args:
        trials: in all, those of an earlier start included. seconds: no trial begins after these.
        space: further settings to try, see `vertikit.tune.space.knobs`.
        search: makes the trials, where it is not to be done here.

    Raises UsageError where there is nothing to try or the folder holds another search, VertikitError where every trial
    fails.
    """
    started = time.monotonic()
    with opened(task_name, sources, layers, space, output, progress) as (study, bench):
        enqueue(study, bench)
        left = trials - len(study.trials) + sum(not each.state.is_finished() for each in study.trials)
        if left < trials:
            progress.line(f"going on with {output}: {trials - left} of {trials} trials are there")
        until = None if seconds is None else started + seconds
        (search or _here)(study, bench, max(0, left), until, progress)
        return _told(study, bench, task_name, layers, time.monotonic() - started)


@contextmanager
def opened(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    space: Sequence[str],
    output: Path,
    progress: Progress,
) -> Iterator[tuple[optuna.Study, Bench]]:
    """The study in a folder, begun or gone on with, and what its trials share: rows are read as long as it is open."""
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry
    from vertikit.run.resuming import start_record
    from vertikit.training.joining import with_experts

    known = registry()
    task = known.task(task_name)
    alone: Mapping[str, Any] = {
        "blend": None, "refit": "never", "evaluation": {"learning_curve": [], "few_shot": []},
    }  # fmt: skip
    plain = [*layers, alone]
    recipe = resolve_recipe(task, known, layers=plain)
    record = start_record(task_name, sources, recipe)["sha256"]
    with tempfile.TemporaryDirectory(prefix="vertikit-tune-") as name:
        work = Path(name)
        data = prepare(task, sources, recipe, known, work, progress.line)
        task = task.for_outcome(data.outcome.kind)
        recipe = resolve_recipe(task, known, layers=plain)
        data, _ = with_experts(
            replace(data, task=data.task.for_outcome(data.outcome.kind)), recipe, known, work, progress
        )
        tried = knobs(recipe, known, data.outcome.kind, space)
        for knob in tried:  # a key that is wrong is told before anything is trained
            if value_of(recipe, knob.key) is None:
                value = knob.choices[0] if knob.choices else int(knob.low) if knob.whole else knob.low
                resolve_recipe(task, known, layers=[*plain, layer({knob.key: value})])
            progress.line(f"trying {knob}")
        rows = len(data.folds[0].train) + len(data.folds[0].valid)
        sample = sampled(data, recipe, known, rows, plain, progress)
        fingerprint = hashlib.sha256(f"{record} {[str(knob) for knob in tried]}".encode()).hexdigest()
        study = _study(output, fingerprint, sample, recipe)
        # Each trial would tell anew what is told of the rows once.
        yield study, Bench(replace(sample, progress=SILENT), recipe, plain, tried, output)


def _study(output: Path, fingerprint: str, sample: Sample, recipe: Recipe) -> optuna.Study:
    """The study in that folder, of that search."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        (output / ANSWERS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{output}: cannot be written: {error.strerror}.", "Choose another --output."
        ) from error
    way = optuna.study.StudyDirection
    direction = way.MAXIMIZE if sample.primary.metric.higher_is_better else way.MINIMIZE
    storage = f"sqlite:///{output.resolve() / STUDY}"
    try:
        study = optuna.create_study(
            study_name="tuning", storage=storage, direction=direction, load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP, n_warmup_steps=1),
        )  # fmt: skip
        before = study.user_attrs.get("fingerprint")
        if before is None:
            study.set_user_attr("fingerprint", fingerprint)
    except Exception as error:
        raise VertikitError(
            f"{output / STUDY}: cannot be read ({type(error).__name__}).",
            "Remove the folder, or name another.",
        ) from error
    if before not in (None, fingerprint):
        raise UsageError(
            f"{output}: holds a search of other data, another recipe or another space.",
            "Give the same ones to go on, or another --output.",
        )
    # A search that goes on must not propose what it proposed when it began.
    study.sampler = optuna.samplers.TPESampler(seed=recipe.seed + len(study.trials), n_startup_trials=WARM_UP)
    return study


def enqueue(study: optuna.Study, bench: Bench) -> None:
    """The recipe as it is comes first."""
    if study.trials:
        return
    values = {knob.key: value_of(bench.recipe, knob.key) for knob in bench.knobs}
    own = {knob.key: values[knob.key] for knob in bench.knobs if knob.holds(values[knob.key])}
    if len(own) == len(bench.knobs):
        study.enqueue_trial(own, user_attrs={"said": SEEN_FIRST})


def _here(study: optuna.Study, bench: Bench, left: int, until: float | None, progress: Progress) -> None:
    """One trial after the other."""
    for _ in range(left):
        if until is not None and time.monotonic() > until:
            progress.line(TIME_IS_UP)
            return
        progress.line(attempt(study, bench))


def attempt(study: optuna.Study, bench: Bench) -> str:
    """One trial, told to the study; a line on what came of it."""
    trial = study.ask()
    started = time.monotonic()
    settings = {knob.key: knob.suggest(trial) for knob in bench.knobs}
    told = ", ".join(f"{key} {shown(value)}" for key, value in settings.items())
    try:
        score = _tried(trial, settings, bench)
    except _Behind as behind:
        _tell(study, trial, "PRUNED", None, started)
        return f"trial {trial.number}: ended at epoch {behind}, behind the others ({told})"
    except VertikitError as error:
        trial.set_user_attr("why", str(error))
        _tell(study, trial, "FAIL", None, started)
        return f"trial {trial.number}: failed: {error} ({told})"
    _tell(study, trial, "COMPLETE", score, started)
    return f"trial {trial.number}: {bench.sample.primary.name} {score:.4f} ({told})"


def _tell(study: optuna.Study, trial: optuna.Trial, state: str, score: float | None, started: float) -> None:
    from optuna.trial import TrialState

    trial.set_user_attr("seconds", round(time.monotonic() - started, 3))
    study.tell(trial, score, state=TrialState[state])


class _Behind(Exception):  # noqa: N818 -- it names what happened
    """A trial is worse than the median of the others at the same epoch."""


def _tried(trial: optuna.Trial, settings: Mapping[str, Any], bench: Bench) -> float:
    """The score of those settings on the validation rows; its answers are kept for what comes after."""
    from vertikit.recipe import resolve_recipe

    sample, primary = bench.sample, bench.sample.primary
    task = sample.data.task
    recipe = resolve_recipe(task, sample.known, layers=[*bench.layers, layer(settings)])

    def ended(entry: Mapping[str, float]) -> None:
        value = entry.get(f"valid_{primary.name}")
        if value is not None and math.isfinite(value):
            trial.report(value, round(entry["epoch"]))
            if trial.should_prune():
                raise _Behind(f"{entry['epoch']:.0f}")

    own = Trial(sample, Standing(f"trial {trial.number}"), recipe)
    answers = own.answers(len(sample.train), ended)
    score = primary.score(_frame(sample, answers), sample.valid)
    if not isinstance(score, float) or not math.isfinite(score):
        raise VertikitError(
            f"{primary.name} cannot be told of its answers.", "Choose another: --set primary=NAME"
        )
    np.save(bench.folder / ANSWERS / f"{trial.number}.npy", answers, allow_pickle=False)
    return score


def _frame(sample: Sample, answers: NDArray[np.float64]) -> pd.DataFrame:
    from vertikit.evaluate.frame import with_columns

    frame = sample.data.outcome.frame(answers, list(sample.truth[sample.valid]))
    return with_columns(frame, sample.data.examples.take(sample.valid), sample.primary.metric.columns)


def _told(
    study: optuna.Study, bench: Bench, task: str, layers: Sequence[Mapping[str, Any]], seconds: float
) -> Tuned:
    """Everything in numbers, and the best recipe in a file."""
    from vertikit.evaluate.comparing import paired_difference
    from vertikit.recipe import resolve_recipe
    from vertikit.recipe.commented import dump_recipe

    sample, primary = bench.sample, bench.sample.primary
    trials = tuple(_line(each) for each in study.trials if each.state.is_finished())
    done = [each for each in trials if each.state == "complete" and _kept(bench, each).is_file()]
    if not done:
        first = next((each.why for each in trials if each.why), "no trial has come to an end")
        raise VertikitError(
            f"none of {len(trials)} trials gave a score: {first}", "Try other settings, or more time."
        )
    sign = 1 if primary.metric.higher_is_better else -1
    best = max(done, key=lambda each: (sign * (each.score or 0.0), -each.number))
    said = {each.number: each.user_attrs.get("said") for each in study.trials}
    plain = next((each for each in done if said[each.number] == SEEN_FIRST), None)
    frames = {each.number: _frame(sample, np.load(_kept(bench, each), allow_pickle=False)) for each in done}
    difference: Mapping[str, Any] = {}
    if plain is not None and plain is not best:
        difference = paired_difference(
            frames[best.number], frames[plain.number], primary.metric, primary.context, sample.groups, 500
        )
    recipe = resolve_recipe(sample.known.task(task).for_outcome(sample.data.outcome.kind), sample.known,
                            layers=[*layers, layer(best.settings)])  # fmt: skip
    (bench.folder / RECIPE).write_text(dump_recipe(recipe), encoding="utf-8")
    worth = expected(primary.metric, primary.context, list(frames.values()), sample.groups)
    found = Tuned(
        task, primary.name, primary.metric.higher_is_better, len(sample.train), len(sample.valid), trials, best, plain,
        _measured(sample, frames[best.number]), {} if plain is None else _measured(sample, frames[plain.number]),
        difference, worth, importance(study), bench.knobs, bench.folder,
        round(seconds, 1),
    )  # fmt: skip
    (bench.folder / RESULT).write_text(json.dumps(as_json(found), indent=1) + "\n", encoding="utf-8")
    return found


def _line(trial: Any) -> Tried:
    state = trial.state.name.lower()
    score = trial.value if state == "complete" else None
    seconds = float(trial.user_attrs.get("seconds", 0.0))
    return Tried(
        trial.number, state, score, dict(trial.params), seconds, str(trial.user_attrs.get("why", ""))
    )


def _kept(bench: Bench, trial: Tried) -> Path:
    return bench.folder / ANSWERS / f"{trial.number}.npy"


def _measured(sample: Sample, frame: pd.DataFrame) -> Mapping[str, Any]:
    from vertikit.evaluate.measuring import measure

    primary = sample.primary
    found: Mapping[str, Any] = measure(
        frame, {primary.name: primary.metric}, primary.context, groups=sample.groups, resamples=500
    )[primary.name]
    return found
