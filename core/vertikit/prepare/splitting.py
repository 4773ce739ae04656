"""Chooses the split, runs it, and holds it to its promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.contracts import Split
from vertikit.errors import UsageError, VertikitError
from vertikit.examples import Examples, Fold
from vertikit.prepare.overlap import TEST, TRAIN, VALID, uses_by_fold
from vertikit.recipe.examples import SplitChoice
from vertikit.registry import Registry
from vertikit.registry.options import options_of
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices

FEWEST_VALID = 30
FEWEST_VALID_PER_CLASS = 2
"""With fewer labelled validation rows than these (the latter on average, or one rare class among thousands of
rows would cost six trainings), a fold is refitted on training and validation together."""


def split_examples(
    task: Task,
    examples: Examples,
    classes: NDArray[np.object_],
    first: Indices,
    choice: SplitChoice,
    seed: int,
    registry: Registry,
) -> tuple[str, list[Fold]]:
    """The name of the split that was used, and its folds of positions into `examples`.

    Args:
        first: [N] the first example with the same text. In data without groups, the user's parts aside,
            only these are split, and their copies go where they go.
    """
    import numpy as np

    if not choice.test and not set(examples.part) - {"", "valid"}:
        raise UsageError("split.test is 0, and no test part was named.", "Name one: --test NAME=FILE")
    name, split = _choose(task, examples, classes, choice, seed, registry)
    alone = np.arange(len(examples)) == first
    led = (examples.part == "") if examples.group is None else np.zeros(len(examples), bool)
    leaders = np.flatnonzero(alone | ~led)
    folds = split.split(
        examples.take(leaders), classes[leaders], test=choice.test, valid=choice.valid, seed=seed
    )
    followers = np.flatnonzero(led & ~alone)

    def whole(part: Indices) -> Indices:
        own = leaders[part]
        return np.sort(np.concatenate([own, followers[np.isin(first[followers], own)]]))

    folds = [fold.each(whole) for fold in folds]
    for fold in folds:
        _check(name, fold, examples)
    return name, folds


def few_labelled(valid: NDArray[np.object_], classes: NDArray[np.object_]) -> bool:
    """Whether validation rows with these classes are too few to choose epochs and calibrate by."""
    return len(valid) < max(FEWEST_VALID, FEWEST_VALID_PER_CLASS * len(set(classes)))


def _choose(
    task: Task,
    examples: Examples,
    classes: NDArray[np.object_],
    choice: SplitChoice,
    seed: int,
    registry: Registry,
) -> tuple[str, Split]:
    names = task.protocol.splits if choice.name == "auto" else (choice.name,)
    reasons: list[UsageError] = []
    for name in names:
        split = _built(name, choice, registry)
        if split.fits(examples):
            if choice.fold is not None and "fold" not in options_of(registry.get("splits", name)).known:
                raise UsageError(
                    f"the split {name!r} does not take turns: its test rows are not drawn at random.",
                    "Leave --repeat (split.fold) out, or choose another: --set split=grouped or --set split=stratified",
                )
            return name, split
        try:
            split.split(examples, classes, test=choice.test, valid=choice.valid, seed=seed)
            reasons.append(UsageError(f"the split {name!r} does not fit this data."))
        except UsageError as reason:
            reasons.append(reason)
    if len(reasons) == 1:
        raise reasons[0]
    raise UsageError(
        f"none of the splits of {task.name} fits this data:",
        "Give parts of your own with --valid and --test, or choose with --set split=NAME.",
        details=[str(reason) for reason in reasons],
    )


def _built(name: str, choice: SplitChoice, registry: Registry) -> Split:
    """The split of that name, with those keys of the choice that it takes."""
    component = registry.get("splits", name)
    taken = options_of(component).known
    given = {key: value for key, value in choice.model_dump().items() if key in taken and value is not None}
    split: Split = component.resolve()(**given)
    return split


def _check(name: str, fold: Fold, examples: Examples) -> None:
    """VertikitError where a split has broken its contract: this must not pass as a good score."""
    import numpy as np

    held = np.zeros(len(examples), bool)
    held[fold.valid] = held[fold.calibrate] = True
    sizes = len(fold.train) + np.count_nonzero(held) + sum(map(len, fold.tests.values()))
    uses = uses_by_fold(fold, len(examples))
    if sizes != np.count_nonzero(uses >= 0):
        raise VertikitError(
            f"the split {name!r} puts an example in two parts.", "Tell the author of its plugin."
        )
    if not all(np.any(uses == use) for use in (TRAIN, VALID, TEST)):
        raise VertikitError(
            f"the split {name!r} leaves training, validation or test without rows.",
            "Give more rows, or other shares with --set split.test=… and --set split.valid=…",
        )
