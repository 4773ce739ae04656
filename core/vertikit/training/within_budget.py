"""The search for the best smaller model within a budget: sized before training, judged on validation rows."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.encoding import raw_outputs
from vertikit.compress.budget import Limit, read_budget, told_of
from vertikit.compress.candidates import candidates
from vertikit.compress.steps import weight_bytes
from vertikit.errors import UsageError, VertikitError
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.run.run import Run, load
from vertikit.training.adapting import Adapted, adapt, deciding
from vertikit.training.building import build
from vertikit.training.smaller import compress_layers

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.contracts import Items
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

TIMED = 20
"""Validation rows that are timed one by one."""


@dataclass
class Candidate:
    """A list of steps, what its model weighs and takes, and, once trained, what it loses."""

    recipe: Recipe
    parameters: int
    found: dict[str, float]
    why: str = ""
    score: float | None = None
    chosen: bool = False
    adapted: Adapted | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Its steps in words."""
        return " + ".join(_worded(each.name, each.options) for each in self.recipe.compress.steps)


def within_budget(
    data: Prepared,
    recipe: Recipe,
    layers: Sequence[Mapping[str, Any]],
    known: Registry,
    work: Path,
    progress: Progress,
    epoch_ended: Callable[[Mapping[str, float]], None],
) -> tuple[Recipe, Adapted, list[dict[str, Any]]]:
    """The recipe of the best model within the budget, that model, and what was tried.

    Every candidate is made smaller and measured untrained; of those that fit in size and time, the gentlest few are
    trained, and the best on the validation rows that loses no more than it may is taken. VertikitError where there is
    none, with how near the nearest came.
    """
    assert recipe.compress.budget is not None
    assert recipe.compress.run is not None
    limits = read_budget(recipe.compress.budget)
    run = load(recipe.compress.run, known)
    asked = candidates([each.name for each in recipe.compress.steps], known)
    sized = []
    for steps in asked:
        own = resolve_recipe(data.task, known, layers=_layers(run, steps, layers))
        sized.append(_sized(data, own, run, known, work / "sizing", progress))
        progress.line(f"budget: {sized[-1].name}: {sized[-1].why or told_of(limits, sized[-1].found)}")
    fitting = [each for each in sized if not each.why and not _beyond(limits, each)]
    fitting.sort(key=lambda each: -each.parameters)
    primary = deciding(data, recipe, known)
    reference = _reference(run, data, recipe, known)
    for at, each in enumerate(fitting[: recipe.compress.trials]):
        progress.line(f"budget: training {each.name}")
        each.adapted = adapt(data, each.recipe, known, work / f"candidate-{at + 1}", progress, epoch_ended)
        each.score, each.found["drop"] = _lost(each.adapted, reference, data, each.recipe, known)
        progress.line(f"budget: {each.name}: {told_of(limits, each.found)}, {primary.name} {each.score:.4f}")
    sign = 1 if primary.metric.higher_is_better else -1
    good = [each for each in fitting if each.score is not None and not _beyond(limits, each)]
    if not good:
        raise _none(limits, sized, recipe)
    best = max(good, key=lambda each: sign * (each.score or 0.0))
    best.chosen = True
    progress.line(f"budget: the best within it is {best.name}")
    assert best.adapted is not None
    tried = [
        {
            "steps": each.name,
            **each.found,
            "why": each.why,
            "trained": each.score is not None,
            "chosen": each.chosen,
        }
        for each in sized
    ]
    return best.recipe, best.adapted, tried


def _layers(
    run: Run, steps: list[dict[str, Any]], layers: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The layers of a candidate: those of `compress`, and the user's own without steps and budget."""
    own: list[Mapping[str, Any]] = []
    for layer in layers[1:]:
        compress = layer.get("compress")
        if isinstance(compress, Mapping):
            rest = {key: value for key, value in compress.items() if key not in ("steps", "budget")}
            layer = {**layer, "compress": rest}
        own.append(layer)
    return compress_layers(run, steps, None, own)


def _sized(
    data: Prepared, recipe: Recipe, run: Run, known: Registry, work: Path, progress: Progress
) -> Candidate:
    """The candidate's model before training: its bytes, and the time of a row beside the run's own network."""
    work.mkdir(exist_ok=True)
    try:
        built = build(data, recipe, known, work, SILENT)
        assert built.small is not None
        built.small.end(built.assembled, built.values)
    except UsageError as error:
        return Candidate(recipe, 0, {}, error.what)
    except VertikitError as error:
        progress.line(f"warning: {error.what}")
        return Candidate(recipe, 0, {}, error.what)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    before, after = (_milliseconds(each, data) for each in (run.parts.assembled, built.assembled))
    found = {"size": float(weight_bytes(built.assembled.model)), "ms": after, "speed": before / after}
    return Candidate(recipe, built.parameters[0], found)


def _milliseconds(assembled: Assembled, data: Prepared) -> float:
    """Of one row through the network, the median of some validation rows; tokens and answers are not counted."""
    from vertikit.adapt.binding import bound_values, with_beside

    some = data.examples.take(data.folds[0].valid[:TIMED])
    inputs: Mapping[str, Items] = {
        name: assembled.backbones[owner].items(bound_values(assembled, some, name))
        for name, owner in assembled.bindings.items()
    }
    inputs = with_beside(assembled, inputs, some)
    target = next(iter(assembled.model.heads))
    taken = []
    for at in (0, *range(len(some))):
        started = time.perf_counter()
        raw_outputs(assembled.model, inputs, np.array([at]), target, assembled.device)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[1:])


def _reference(run: Run, data: Prepared, recipe: Recipe, known: Registry) -> float:
    """The primary metric of the run's model on validation rows that it was not trained on: as its training saw it."""
    primary = deciding(data, recipe, known)
    sign = 1 if primary.metric.higher_is_better else -1
    key = f"valid_{primary.name}"
    epochs = [float(each[key]) for each in run.metrics.get("epochs") or () if key in each]
    if epochs:
        return max(epochs, key=lambda value: sign * value)
    told = (run.metrics.get("valid") or {}).get(primary.name) or {}
    if told.get("value") is None:
        raise VertikitError(
            f"{run.folder}: does not say how good it is on validation rows, so no drop can be told.",
            "Leave the budget out, and name the steps.",
        )
    return float(told["value"])


def _lost(
    adapted: Adapted, reference: float, data: Prepared, recipe: Recipe, known: Registry
) -> tuple[float, float]:
    """(its primary metric on validation rows, what that is less than the reference: points of a metric that ends at 1,
    percent of any other)."""
    primary = deciding(data, recipe, known)
    outcome, rows = adapted.assembled.outcome, adapted.fitting.calibrate
    # Outputs of the model as it is now, smaller in every way; those of heads on frozen features come out of fold.
    raw = adapted.fitting.calibrate_raw
    if not adapted.assembled.frozen:
        raw = adapted.raw(rows, data.task.target.name)
    truth = list(outcome.truth(data.examples, data.task.target.name)[rows])
    score = primary.score(outcome.frame(outcome.answers(adapted.assembled.head, raw), truth), rows)
    assert isinstance(score, float)
    less = (reference - score) if primary.metric.higher_is_better else (score - reference)
    scale = 1.0 if primary.metric.upper == 1.0 else max(abs(reference), 1e-9)
    return score, 100 * less / scale


def _beyond(limits: Sequence[Limit], each: Candidate) -> list[Limit]:
    return [limit for limit in limits if limit.what in each.found and not limit.met(each.found[limit.what])]


def _none(limits: list[Limit], sized: Sequence[Candidate], recipe: Recipe) -> VertikitError:
    """What the nearest candidates came to."""
    real = [each for each in sized if not each.why]
    real.sort(
        key=lambda each: sum(
            limit.excess(each.found[limit.what]) for limit in limits if limit.what in each.found
        )
    )
    lines = [f"{each.name}: {told_of(limits, each.found)}" for each in real[:3]]
    untrained = any(each.score is None and not _beyond(limits, each) for each in real)
    do = "Allow more, or name other methods"
    do += (
        f"; or let more be trained: --set compress.trials={2 * recipe.compress.trials}." if untrained else "."
    )
    return VertikitError(
        f"no model of the {len(sized)} that were tried meets the budget {recipe.compress.budget!r}; the nearest:"
        if real
        else "this run's encoder cannot be made smaller by any of the methods.",
        do if real else "Take a run on another backbone, or a smaller one: vertikit distill RUN",
        details=lines or [each.why for each in sized[:3]],
    )


def _worded(name: str, options: Mapping[str, Any]) -> str:
    told = [f"{value:g}" if isinstance(value, float) else str(value) for value in options.values() if value]
    return f"{name} {told[0]}" if len(told) == 1 else name
