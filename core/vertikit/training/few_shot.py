"""How well classes are known again after a few examples of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.adapt.assembling import Assembled
from vertikit.adapt.binding import Bound
from vertikit.adapt.encoding import raw_outputs
from vertikit.adapt.fits import Fits, PrimaryMetric
from vertikit.adapt.fitted_head import learn_rows
from vertikit.contracts import FittedHead
from vertikit.errors import UsageError
from vertikit.evaluate.frame import is_right
from vertikit.evaluate.measuring import interval
from vertikit.evaluate.resampling import resampled_rows
from vertikit.prepare.places import several
from vertikit.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Fold, Indices
    from vertikit.recipe import Recipe

DRAWS = 3
"""Choices of the few examples that are averaged, where the encoder is frozen so that each takes a second."""


def few_shot(
    parts: Assembled,
    bound: Bound,
    truth: NDArray[Any],
    fold: Fold,
    test: Indices,
    recipe: Recipe,
    primary: PrimaryMetric,
    groups: NDArray[np.object_] | None,
    *,
    target: str,
    folder: Path,
    progress: Progress,
    columns: Mapping[str, NDArray[np.float64]] | None = None,
) -> list[dict[str, Any]]:
    """An entry for each count of `evaluation.few_shot`: the recalls on test rows of models that learnt so many training
    rows of each class and no other, by the same recipe with its epochs fixed, averaged over draws of these rows.

    The model is left as the last of them. UsageError where the target is not of classes.
    """
    counts = recipe.evaluation.few_shot
    if not counts:
        return []
    if parts.outcome.kind != "classes":
        raise UsageError(
            "the recipe is wrong at evaluation.few_shot: the target is not of classes here.", "Leave it out."
        )
    draws = DRAWS if parts.features_once or isinstance(parts.head, FittedHead) else 1
    fits = None
    if not isinstance(parts.head, FittedHead):
        fits = Fits(
            parts, bound.inputs, truth, fold.train, recipe, primary, target=target, folder=folder, columns=columns
        )  # fmt: skip
    found = []
    for count in counts:
        progress.line(f"few examples: {count} of each class, {several(draws, 'draw')}")
        right = []
        for draw in range(draws):
            rows = few_of_each(truth, fold.train, groups, count, seed=recipe.seed + draw)
            if fits is not None:
                fits.run(f"few-{count}-{draw}", rows)
            else:
                learn_rows(parts, bound.inputs, truth, rows, seed=draw, progress=SILENT, said="")
            raw = raw_outputs(parts.model, bound.inputs, test, target, parts.device)
            answers = parts.outcome.answers(parts.head, raw)
            right.append(is_right(parts.outcome.frame(answers, list(truth[test]))))
        recalls = recalls_of(np.mean(right, axis=0), truth[test], groups, test, recipe)
        found.append({"shots": count, "draws": draws, "rows": len(rows), **recalls})
    return found


def full_figure(
    frame: pd.DataFrame,
    truth: NDArray[Any],
    groups: NDArray[np.object_] | None,
    test: Indices,
    recipe: Recipe,
) -> dict[str, Any]:
    """The same of the model itself."""
    return recalls_of(is_right(frame).astype(np.float64), truth[test], groups, test, recipe)


def few_of_each(
    truth: NDArray[Any], train: Indices, groups: NDArray[np.object_] | None, count: int, *, seed: int
) -> Indices:
    """Up to `count` training positions of each class, drawn at random, of different groups while there are any."""
    random = np.random.default_rng(seed)
    chosen: list[int] = []
    for label in sorted(set(truth[train])):
        own = random.permutation(train[truth[train] == label]).tolist()
        if groups is not None:
            seen: set[object] = set()
            again: list[int] = []
            first: list[int] = []
            for at in own:
                group = groups[at]
                (again if group is not None and group in seen else first).append(at)
                seen.add(group)
            own = first + again
        chosen += own[:count]
    return np.sort(np.array(chosen, np.int64))


def recalls_of(
    right: NDArray[np.float64],
    truth: NDArray[Any],
    groups: NDArray[np.object_] | None,
    test: Indices,
    recipe: Recipe,
) -> dict[str, Any]:
    """{"recall": mean over classes, with its interval; "by_class"} of how often each test row [n] was right."""
    labels = sorted(set(truth))

    def means(at: Indices) -> list[float]:
        own, there = right[at], truth[at]
        return [float(own[there == label].mean()) if (there == label).any() else np.nan for label in labels]

    each = means(np.arange(len(test)))
    whole = float(np.mean(each))
    inside = None if groups is None else groups[test]
    drawn = [
        float(np.nanmean(means(at)))
        for at in resampled_rows(len(test), inside, resamples=recipe.evaluation.bootstrap, seed=recipe.seed)
    ]
    between = interval(np.asarray(drawn), whole) if drawn else None
    measured = {"value": whole} | ({} if between is None else {"ci95": between})
    return {"recall": measured, "by_class": dict(zip(labels, each, strict=True))}


def with_full(entries: Sequence[dict[str, Any]], full: dict[str, Any], rows: int) -> list[dict[str, Any]]:
    """The entries, and at the end that of the model itself."""
    return [*entries, {"shots": None, "draws": 1, "rows": rows, **full}]
