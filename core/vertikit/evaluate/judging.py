"""All that a set of predictions is judged by: metrics, baselines beside them, slices, curves, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import Metric, MetricContext, Policy
from vertikit.evaluate.bars import judged_bars
from vertikit.evaluate.comparing import best_baseline, paired_difference, sees_nothing
from vertikit.evaluate.folding import folding
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.places import with_places
from vertikit.evaluate.resampling import unit_count
from vertikit.evaluate.ruling import NOTHING, Held, account, decided
from vertikit.evaluate.second_opinion import second_opinion
from vertikit.evaluate.slices import slice_metrics
from vertikit.evaluate.verdict import Against, Rows, verdict

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Examples
    from vertikit.outcome import Outcome
    from vertikit.task import Task


MOST_LINES = 500_000
"""Of a forecast: steps that are decided on, and listed among a run's predictions."""
MODEL, ALONE = "model", "alone"
"""Whose predictions: the run's own, and those of the model without the baseline that it is blended with."""


def context_of(outcome: Outcome, learnt: Mapping[str, Any], policy: Mapping[str, Any]) -> MetricContext:
    """What a metric may know of such an outcome."""
    series = getattr(outcome, "series", {})
    return MetricContext(outcome.labels, outcome.scale, learnt, policy, series)


@dataclass(frozen=True)
class Standard:
    """By what a task's predictions are judged.

    Args:
        metrics: name -> metric, all that are computed. primary: the one that decides.
        outcome: what an answer is. resamples, seed: of the bootstrap. policy: options of the recipe's policy.
        learnt: whose predictions (`MODEL`, `ALONE`, a baseline's name) -> metric -> what it learnt of them.
    """

    metrics: Mapping[str, Metric]
    primary: str
    outcome: Outcome
    resamples: int
    seed: int
    policy: Mapping[str, Any] = field(default_factory=dict)
    learnt: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def context(self) -> MetricContext:
        return self.context_of(MODEL)

    def context_of(self, who: str) -> MetricContext:
        """What metrics know of the model's predictions, of those of the model alone, or of a baseline's."""
        learnt = self.learnt.get(who, {})
        return context_of(self.outcome, learnt, self.policy)

    @property
    def columns(self) -> tuple[str, ...]:
        """The task's columns that metrics read."""
        return tuple(dict.fromkeys(name for metric in self.metrics.values() for name in metric.columns))

    def learn(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Metric -> what it learns from calibrated predictions of rows that trained nothing."""
        context = context_of(self.outcome, {}, self.policy)
        return {
            name: metric.learn(frame, context)
            for name, metric in self.metrics.items()
            if metric.learn is not None and all(need in frame.columns for need in metric.needs)
        }


@dataclass(frozen=True)
class Judged:
    """Predictions on one part, judged: `frame` has a line per example, folded or not, `results` are the keys of
    metrics.json."""

    frame: pd.DataFrame
    baseline_frames: Mapping[str, pd.DataFrame]
    results: dict[str, Any]


def judge(
    task: Task,
    examples: Examples,
    answers: NDArray[np.float64],
    baselines: Mapping[str, NDArray[np.float64]],
    policy: Policy,
    standard: Standard,
    *,
    alone: NDArray[np.float64] | None = None,
    said: Held = NOTHING,
    unseen: bool = True,
    later: bool = False,
    known: bool = False,
    maps: NDArray[np.float32] | None = None,
) -> Judged:
    """Judge answers [N, A] of the model and of its baselines on the same labelled examples.

    `alone` are those of the model without the baseline that it is blended with, where it is; `said` is what experts
    hold of the examples, which is in the probabilities already where it bounds them.

    `unseen` says whether training has seen none of them; where leaks were kept, that cannot be said.
    Examples that the protocol folds are judged as one. Its shortcut check, among `baselines`, is told apart from these.
    `later` says that they are of a later time, `known` that training knows all their groups. `maps` [N, h, w] are of a
    head that tells where in an example it found what it answers.
    """
    outcome = standard.outcome
    truth = outcome.truth(examples, task.target.name)
    needed = [*policy.needs, *standard.columns]

    def framed(each: NDArray[np.float64]) -> pd.DataFrame:
        return with_columns(outcome.frame(each, truth), examples, needed)

    whole = with_places(framed(answers), task, examples, maps, ~outcome.learns(truth))
    folds = folding(task, examples, truth) if said == NOTHING else None
    if folds is not None:
        examples, truth = folds.examples(examples), truth[folds.first]
        answers = folds.answers(answers)
        baselines = {name: folds.answers(each) for name, each in baselines.items()}
        alone = None if alone is None else folds.answers(alone)
    frame = whole if folds is None else framed(answers)
    shortcut = task.protocol.shortcut if task.protocol.shortcut in baselines else ""
    blind = framed(baselines[shortcut]) if shortcut else None
    frames = {name: framed(each) for name, each in baselines.items() if name != shortcut}
    options: dict[str, Any] = {
        "groups": examples.drawn,
        "resamples": standard.resamples,
        "seed": standard.seed,
    }
    context = standard.context
    primary = {standard.primary: standard.metrics[standard.primary]}
    detailed = primary | {
        name: standard.metrics[name] for name in task.protocol.detailed if name in standard.metrics
    }
    beside = {
        name: measure(each, standard.metrics, standard.context_of(name), **options)
        for name, each in frames.items()
    }
    results: dict[str, Any] = {
        "test": measure(frame, standard.metrics, context, **options),
        "baselines": beside,
        "slices": slice_metrics(
            frame,
            {
                column.name: np.asarray(examples.column(column.name), dtype=object)
                for column in task.sensitive
                if column.name in examples.table.column_names
            },
            detailed,
            context,
            **options,
        ),
        **_drawn(task, outcome, frame),
        "policy": _decisions(frame, examples, policy, outcome, said),
    }
    if folds is not None:
        results["folded"] = {"by": folds.column, "examples": len(folds.which), "judged": len(folds.first)}
    if blind is not None:
        results["shortcut"] = {
            "baseline": shortcut,
            "test": measure(blind, standard.metrics, standard.context_of(shortcut), **options),
            "difference": paired_difference(frame, blind, primary[standard.primary], context, **options),
        }
    second = second_opinion(
        task, examples, answers, outcome, detailed, context, resamples=standard.resamples, seed=standard.seed
    )
    if second is not None:
        results["second"] = second
    if task.protocol.bars:
        results["bars"] = judged_bars(task.protocol.bars, results, standard.metrics)
    if said != NOTHING:
        results["rulings"] = account(policy, frame, outcome.labels, said)
    if alone is not None:
        results["alone"] = measure(framed(alone), standard.metrics, standard.context_of(ALONE), **options)
    values = {name: each[standard.primary]["value"] for name, each in beside.items()}
    rivals = {
        name: Against(
            name,
            values[name],
            paired_difference(frame, each, primary[standard.primary], context, **options),
        )
        for name, each in frames.items()
        if values[name] is not None
    }
    higher = primary[standard.primary].higher_is_better
    best = best_baseline(values, higher_is_better=higher)
    if best is not None:
        results["difference"] = {"baseline": best, "metric": standard.primary, **rivals[best].difference}
    dealt_out = framed(np.random.default_rng(standard.seed).permutation(answers))
    dealt = measure(dealt_out, primary, context, resamples=0)[standard.primary]["value"]
    chances = [
        replace(rivals[name], name=f"giving every row the same answer ({name})")
        for name in rivals
        if sees_nothing(frames[name])
    ]
    if dealt is not None:
        difference = paired_difference(frame, dealt_out, primary[standard.primary], context, **options)
        chances.append(Against("its own answers dealt out at random", dealt, difference))
        results["chance"] = {"dealt_out": dealt, **difference}
    why = outcome.unjudged(frame)
    if why and "why" in results["test"][standard.primary]:
        results["test"][standard.primary]["why"] = why
    results["verdict_kind"], results["verdict"] = verdict(
        Rows(
            rows=len(frame),
            unit=task.unit if folds is None else f"{task.unit} folded by {folds.column}",
            groups=None if examples.drawn is None else unit_count(len(frame), examples.drawn),
            groups_name=_unit(task, examples),
            unseen=unseen,
            later=later,
            known=known,
        ),
        standard.primary,
        results["test"][standard.primary]["value"],
        None if best is None else rivals[best],
        chances,
        higher_is_better=higher,
        why=why,
    )
    return Judged(whole, frames, results)


def _drawn(task: Task, outcome: Outcome, frame: pd.DataFrame) -> dict[str, Any]:
    """Keys that the report draws from; forecasts one by one only where their values may be shown."""
    found = outcome.drawn(frame)
    return {key: each for key, each in found.items() if not (task.target.private and key == "forecasts")}


def _unit(task: Task, examples: Examples) -> str:
    """What a resample draws, in a word."""
    if examples.together is not None:
        return "time block"
    return "group" if task.group is None else task.group.unit


def _decisions(
    frame: pd.DataFrame, examples: Examples, policy: Policy, outcome: Outcome, said: Held
) -> dict[str, Any]:
    """What the policy does on these rows: how many it decides, how often it is wrong on those, and what it counts."""
    frame = outcome.listed(frame, examples, MOST_LINES).frame
    decisions = decided(policy, frame, outcome.labels, said)
    counted = {name: float(value) for name, value in policy.account(frame, decisions).items()}
    if not policy.abstains:
        return {"description": policy.describe(), "account": counted}
    accepted = np.asarray(decisions["decision"] != policy.abstains, dtype=bool)
    return {
        "description": policy.describe(),
        "coverage": float(accepted.mean()) if len(accepted) else 0.0,
        **outcome.risk(frame, accepted),
        **({"account": counted} if counted else {}),
    }
