"""Foundation models in order, before one of them is adapted: by evidence in their features, then by short trials."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.places import several
from vertikit.run.refusing import refuse_forecast_task
from vertikit.select.candidates import candidates
from vertikit.select.trials import RESAMPLES, Sample, Standing, Trial, classical, sampled

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Sources
    from vertikit.progress import Progress

FIRST_ROWS = 50
"""Of the first of two trials, at least."""
FASTER = 0.7
"""Times the milliseconds of the first from which another one of equal quality is pointed out."""


@dataclass(frozen=True)
class Ranking:
    """Candidates and classical models, the best first, and what they were judged by.

    Args:
        primary: metric; higher_is_better: of it. rows: of the sample that trained, valid: that judged.
        difference: of the first foundation model and the best of the others tried on as many rows, with its interval;
            empty where there is no other.
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


def rank(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    asked: Sequence[str],
    rows: int,
    progress: Progress,
) -> Ranking:
    """Rank backbones for a task on a sample of the user's training rows; the test rows are not looked at.

    Pretrained encoders are ordered by `log_evidence` of their features; the better half goes on. Of three or more, the
    better half by the primary metric on validation rows, after a training on a quarter of the sample, goes on to one on
    all of it (successive halving, Jamieson and Talwalkar 2016, arXiv:1502.07943): of a head, and of an untrained
    network as a whole. Features are kept on disk, where a training finds them. Baselines are fitted on the same rows.

    Args:
        asked: backbones as they are typed; without any, those at hand.
        rows: of training in the sample, at most.

    Raises UsageError where no candidate can be had, VertikitError where none can be tried or judged.
    """
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry

    known = registry()
    task = known.task(task_name)
    refuse_forecast_task(task, "select")
    plain: list[Mapping[str, Any]] = [*layers, {"experts": [], "blend": None, "refit": "never"}]
    recipe = resolve_recipe(task, known, layers=plain)
    standings = [
        Standing(each.name, each, why_not=each.why_not) for each in candidates(task, recipe, known, asked)
    ]
    if all(each.why_not for each in standings):
        raise UsageError("no foundation model can be had.", _why_not(standings))
    with tempfile.TemporaryDirectory(prefix="vertikit-select-") as folder:
        data = prepare(task, sources, recipe, known, Path(folder), progress.line)
        data = replace(data, task=task.for_outcome(data.outcome.kind))
        sample = sampled(data, recipe, known, rows, plain, progress)
        trials = [trial for each in standings if not each.why_not if (trial := _begun(sample, each))]
        trials = _kept(trials, lambda each: each.evidence, "less evidence in its features")
        whole = len(sample.train)
        if len(trials) > 2 and whole > FIRST_ROWS:
            trials = _tried(sample, trials, max(FIRST_ROWS, whole // 4))
            trials = _kept(trials, lambda each: _quality(sample, each), "behind the others on fewer rows")
        _tried(sample, trials, whole)
        return _ranked(sample, [*standings, *classical(sample, recipe)])


def _begun(sample: Sample, standing: Standing) -> Trial | None:
    """None, and the reason in the standing, where the candidate does not fit."""
    try:
        trial = Trial(sample, standing)
        trial.look()
        return trial
    except VertikitError as error:
        _leave_out(sample, standing, error)
        return None


def _tried(sample: Sample, trials: Sequence[Trial], size: int) -> list[Trial]:
    """Those that could be trained on so many rows, with their scores."""
    sample.progress.line(f"trial: {several(len(trials), 'model')} on {size:,} rows")
    done = []
    for each in trials:
        try:
            answers = each.answers(size)
        except VertikitError as error:
            _leave_out(sample, each.standing, error)
            continue
        sample.judge(each.standing, answers)
        done.append(each)
    return done


def _leave_out(sample: Sample, standing: Standing, error: VertikitError) -> None:
    standing.why_not = str(error)
    sample.progress.line(f"{standing.name}: left out: {error}")


def _kept(trials: Sequence[Trial], quality: Callable[[Standing], float], why_not: str) -> list[Trial]:
    """The better half, two at least; those of which the quality is not known (NaN) are kept as well."""
    told = [each for each in trials if not math.isnan(quality(each.standing))]
    told.sort(key=lambda each: quality(each.standing), reverse=True)
    left = told[max(2, math.ceil(len(told) / 2)) :]
    for each in left:
        each.standing.why_not = why_not
    return [each for each in trials if each not in left]


def _quality(sample: Sample, standing: Standing) -> float:
    """The primary metric, turned so that more is better; below all for one without."""
    value = standing.score.get("value")
    if value is None:
        return -math.inf
    return float(value) if sample.primary.metric.higher_is_better else -float(value)


def _why_not(standings: Sequence[Standing]) -> str:
    return "; ".join(f"{each.name}: {each.why_not}" for each in standings)


def _ranked(sample: Sample, standings: Sequence[Standing]) -> Ranking:
    """In order: who came as far as the last trial by the metric, then those of the first, then by evidence."""
    from vertikit.evaluate.comparing import paired_difference

    primary = sample.primary

    def place(each: Standing) -> tuple[int, float, float]:
        evidence = -math.inf if math.isnan(each.evidence) else each.evidence
        return each.rows, _quality(sample, each), evidence

    ordered = sorted(standings, key=place, reverse=True)
    best = next((each for each in ordered if each.candidate is not None), None)
    if best is None or best.frame is None:
        named = [each for each in ordered if each.candidate is not None]
        raise VertikitError("no foundation model could be tried.", _why_not(named))
    rival = next((each for each in ordered if each is not best and each.rows == best.rows), None)
    difference: dict[str, Any] = {}
    if rival is not None and rival.frame is not None:
        difference = paired_difference(
            best.frame, rival.frame, primary.metric, primary.context, sample.groups, RESAMPLES
        )
    train, valid = len(sample.train), len(sample.valid)
    said = [
        f"{best.name} is first: {primary.name} {best.score['value']:.3f} on {valid:,} validation rows, learnt from "
        f"{train:,}."
    ]
    if rival is not None and difference.get("value") is not None:
        said += _beside(best, rival, difference)
    return Ranking(
        sample.data.task.name, primary.name, primary.metric.higher_is_better, train, valid, tuple(ordered),
        difference, " ".join(said),
    )  # fmt: skip


def _beside(best: Standing, rival: Standing, difference: Mapping[str, Any]) -> list[str]:
    """How the first stands to another one, and what speaks for that other one."""
    what = rival.name if rival.candidate is not None else f"the classical {rival.name}"
    gap, ends = difference["value"], difference.get("ci95")
    beyond = ends is not None and (ends[0] > 0 or ends[1] < 0)
    told = f"It is {'ahead of' if gap > 0 else 'behind'} {what} by {abs(gap):.3f}"
    if ends is not None:
        told += f" (95 % interval of the difference {ends[0]:.3f} to {ends[1]:.3f})"
    said = [f"{told}, {'beyond luck' if beyond else 'which may be luck'}."]
    own, other = best.milliseconds, rival.milliseconds
    if not beyond and own is not None and other is not None and other < FASTER * own:
        said.append(
            f"{rival.name} takes {other:.1f} ms a row and {best.name} {own:.1f}: where time counts, take that."
        )
    return said
