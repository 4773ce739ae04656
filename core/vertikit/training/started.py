"""What it was worth to start from another run's encoder: beside the same recipe from the plain one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError
from vertikit.evaluate.comparing import paired_difference
from vertikit.evaluate.frame import with_columns
from vertikit.run.run import load
from vertikit.training.adapting import main_test
from vertikit.training.anew import measured, trained_anew
from vertikit.training.starting import seen_in_validation

if TYPE_CHECKING:
    from vertikit.evaluate.judging import Standard
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

NEGATIVE = "negative"
"""Kind of a transfer that is worse beyond luck; the others are "helps", "lower", "higher", "same" and "unknown"."""


def compare_start(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    started: Answers,
    standard: Standard,
    work: Path,
    progress: Progress,
) -> dict[str, Any]:
    """The key "start" of metrics.json: the run that was started from, and where `start.compare` asks for it the same
    recipe from the plain encoder on the same test rows, with the paired difference and what it comes to.

    Args:
        started: answers [n, A] of the test part by the model that was, calibrated and unblended.
    """
    assert recipe.start.run is not None
    run = load(recipe.start.run, known)
    found: dict[str, Any] = {"run": run.folder.name, "task": str(run.manifest["task"]), "warnings": []}
    if seen := seen_in_validation(run, data):
        found["warnings"].append(f"{seen}.")
    if not recipe.start.compare:
        return found
    progress.line("training the same model from the plain encoder, to see what the start is worth")
    own = recipe.model_copy(update={"start": recipe.start.model_copy(update={"run": None})})
    try:
        plain = trained_anew(data, own, known, work)
    except UsageError as error:
        return found | {"why": f"from the plain encoder this recipe cannot be trained: {error.what}"}
    test = data.examples.take(main_test(data.folds[0], data.task))
    found["with"], found["without"] = (measured(each, test, data, standard) for each in (started, plain))
    metric = standard.metrics[standard.primary]
    if metric.learn is None:
        truth = standard.outcome.truth(test, data.task.target.name)
        frames = [
            with_columns(standard.outcome.frame(each, truth), test, standard.columns)
            for each in (started, plain)
        ]
        found["difference"] = paired_difference(
            frames[0], frames[1], metric, standard.context, test.group, standard.resamples, standard.seed
        )
        found["kind"] = kind_of(found["difference"])
        found["told"] = told(found["difference"], standard.primary, found["task"])
        if found["kind"] == NEGATIVE:
            found["warnings"].append(found["told"])
    return found


def kind_of(difference: Mapping[str, Any]) -> str:
    """What a paired difference (started less plain, positive where better) says of a transfer."""
    value, ends = difference.get("value"), difference.get("ci95")
    if value is None:
        return "unknown"
    if ends is not None and ends[1] < 0:
        return NEGATIVE
    if ends is not None and ends[0] > 0:
        return "helps"
    return "lower" if value < 0 else "higher" if value > 0 else "same"


def told(difference: Mapping[str, Any], primary: str, source: str) -> str:
    """The same in a sentence."""
    kind, value, ends = kind_of(difference), difference.get("value"), difference.get("ci95")
    if value is None:
        return f"What the start from {source} is worth in {primary} cannot be told on these rows."
    size = f"{abs(value):.3f}" + (
        "" if ends is None else f" (95 % interval {ends[0]:+.3f} to {ends[1]:+.3f})"
    )
    luck = "which may be luck" if ends is not None else "and whether by luck is not known"
    start, plain = f"Started from {source}, the model is", "than from the plain encoder"
    return {
        NEGATIVE: f"Negative transfer: started from {source}, the model is worse in {primary} by {size} than the same "
        "recipe from the plain encoder, beyond luck.",
        "helps": f"{start} better in {primary} by {size} {plain}, beyond luck.",
        "lower": f"{start} lower in {primary} by {size} {plain}, {luck}: the start is not shown to help.",
        "higher": f"{start} higher in {primary} by {size} {plain}, {luck}.",
        "same": f"{start} as good in {primary} as from the plain encoder.",
    }[kind]
