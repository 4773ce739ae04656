"""Who judges labels: the recipe's encoder as it is under a linear head, or a baseline of the protocol."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.assembling import BESIDE, assemble
from vertikit.adapt.binding import bound_values, with_beside
from vertikit.adapt.encoding import encode_once
from vertikit.errors import UsageError
from vertikit.evaluate.comparing import sees_nothing
from vertikit.outcome.findings import matrix
from vertikit.run.model_parts import build_baseline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.adapt.out_of_fold import Parted
    from vertikit.contracts import Strategy
    from vertikit.examples import Indices
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

    Learn = Callable[[Indices], Callable[[Indices], Answers]]
    """Positions to learn from -> what answers [n, A] for other positions."""

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of a logistic regression, C, on standardised features of which there may be more than rows."""
RIDGES = tuple(float(each) for each in np.logspace(-1, 5, 13))
FLOOR = 1e-12


@dataclass(frozen=True)
class Judge:
    """`name` in words; `outside` are its answers [N, A] to the rows that it judges in turn, each by a model that had
    not seen it; `learn` makes one from any rows."""

    name: str
    outside: Answers
    learn: Learn


def choose_judge(
    data: Prepared,
    recipe: Recipe,
    known: Registry,
    truth: NDArray[Any],
    parted: Parted,
    progress: Progress,
) -> Judge:
    """Of the encoder, where the recipe leaves it as it is, and the baselines, the one to which the given labels are the
    least surprising: by log loss, or the median distance of numbers.

    UsageError where none of them looks at a row.
    """
    learns: dict[str, Learn] = {}
    if leaves_as_it_is(recipe, known):
        name = f"{recipe.backbone.name} as it is, under a linear head"
        learns[name] = _linear(_features(data, recipe, known, progress), data, truth, parted)
    names = data.task.protocol.baselines if recipe.baselines is None else recipe.baselines
    learns |= {name: _baseline(name, data, recipe, known, truth) for name in names}
    rows, first = np.concatenate([part for _, part in parted]), parted[0][1]
    found: list[tuple[float, Judge]] = []
    for name, learn in learns.items():
        outside = _in_turn(learn, parted, len(truth), name, progress)
        if not sees_nothing(data.outcome.frame(outside[first], list(truth[first]))):
            found.append((_surprise(data, outside[rows], truth[rows]), Judge(name, outside, learn)))
    if not found:
        raise UsageError(
            f"backbone {recipe.backbone.name!r} says nothing before it is trained, and no baseline looks at the rows: "
            "there is nobody to judge labels by.",
            "Name a pretrained encoder, --set backbone=NAME, or a baseline: --set 'baselines=[NAME]'",
        )
    return min(found, key=lambda each: each[0])[1]


def leaves_as_it_is(recipe: Recipe, known: Registry) -> bool:
    """Whether the recipe's strategy trains nothing of the encoder, so that what it says is of some use untrained."""
    strategy: Strategy = known.get("strategies", recipe.strategy.name).resolve()(**recipe.strategy.options)
    return strategy.features_once


def _in_turn(learn: Learn, parted: Parted, count: int, name: str, progress: Progress) -> Answers:
    answers: Answers | None = None
    for number, (inside, outside) in enumerate(parted, 1):
        progress.line(f"label noise: {name}, part {number} of {len(parted)}")
        given = learn(inside)(outside)
        answers = np.zeros((count, given.shape[1])) if answers is None else answers
        answers[outside] = given
    assert answers is not None
    return answers


def _surprise(data: Prepared, answers: Answers, truth: NDArray[Any]) -> float:
    """Mean log loss of given labels, or the median distance to given numbers."""
    outcome = data.outcome
    if outcome.kind == "numbers":
        return float(np.median(np.abs(answers[:, 0] - truth)))
    if outcome.kind == "findings":
        there = matrix(list(truth), outcome.labels)
        chance = np.where(there == 1, answers, 1 - answers)[~np.isnan(there)]
    else:
        chance = answers[np.arange(len(truth)), outcome.encoded(truth)]
    return float(-np.log(np.maximum(chance, FLOOR)).mean())


def _baseline(name: str, data: Prepared, recipe: Recipe, known: Registry, truth: NDArray[Any]) -> Learn:
    examples = data.examples

    def learn(rows: Indices) -> Callable[[Indices], Answers]:
        made = build_baseline(name, data.task, recipe, known, data.outcome)
        none = rows[:0]
        made.fit(examples.take(rows), truth[rows], examples.take(none), truth[none])
        return lambda asked: data.outcome.asked(name, made, examples.take(asked))

    return learn


def _features(data: Prepared, recipe: Recipe, known: Registry, progress: Progress) -> NDArray[np.float64]:
    """[N, W] what a head would read of all examples, the encoder as it is; kept on disk as in training."""
    import torch

    examples = data.examples

    def learn(_: str, beside: Any, columns: Any) -> None:
        from vertikit.adapt.binding import columns_values

        beside.fit(columns, columns_values(columns, examples.take(data.folds[0].train)))

    parts = assemble(data.task, recipe, data.outcome, known, examples.column_names, learn=learn)
    pooled = []
    for name, owner in parts.bindings.items():
        found, _ = encode_once(
            parts.backbones[owner], bound_values(parts, examples, name), cache=recipe.cache, device=parts.device,
            progress=progress,
        )  # fmt: skip
        pooled.append(torch.from_numpy(np.ascontiguousarray(found.pooled[found.rows])))
    inputs = with_beside(parts, {}, examples)
    everything = np.arange(len(examples), dtype=np.int64)
    beside = inputs[BESIDE].collate(everything)["pooled"] if BESIDE in inputs else None
    return np.asarray(parts.model.together(pooled, beside).numpy(), np.float64)


def _linear(features: NDArray[np.float64], data: Prepared, truth: NDArray[Any], parted: Parted) -> Learn:
    """Logistic regressions for classes and findings, a ridge regression for numbers. The penalty of the former is the
    one of the least log loss on the first part."""
    outcome = data.outcome
    if outcome.kind == "numbers":
        return lambda rows: _ridge(features, truth, rows)
    labels = outcome.labels
    targets: list[tuple[NDArray[Any], Indices, tuple[float, ...]]]
    if outcome.kind == "findings":
        table = matrix(list(truth), labels)
        targets = [
            (table[:, at], np.flatnonzero(~np.isnan(table[:, at])), (0.0, 1.0)) for at in range(len(labels))
        ]
    else:
        codes = outcome.encoded(truth)
        targets = [(codes, np.flatnonzero(codes >= 0), tuple(range(len(labels))))]
    settled = [_penalty(features, *target, parted[0]) for target in targets]

    def learn(rows: Indices) -> Callable[[Indices], Answers]:
        models = [
            _logistic(features, values, np.intersect1d(rows, usable), classes, c)
            for (values, usable, classes), c in zip(targets, settled, strict=True)
        ]
        if outcome.kind == "findings":
            return lambda asked: np.stack([model(asked)[:, 1] for model in models], axis=1)
        return models[0]

    return learn


def _penalty(
    features: NDArray[np.float64],
    values: NDArray[Any],
    usable: Indices,
    classes: Sequence[Any],
    part: tuple[Indices, Indices],
) -> float:
    inside, outside = (np.intersect1d(each, usable) for each in part)
    if not len(outside) or len(np.unique(values[inside])) < 2:
        return PENALTIES[len(PENALTIES) // 2]
    losses = []
    for c in PENALTIES:
        said = _logistic(features, values, inside, classes, c)(outside)
        places = np.searchsorted(np.asarray(classes), values[outside])
        losses.append(-np.log(np.maximum(said[np.arange(len(outside)), places], FLOOR)).mean())
    return PENALTIES[int(np.argmin(losses))]


def _logistic(
    features: NDArray[np.float64], values: NDArray[Any], rows: Indices, classes: Sequence[Any], c: float
) -> Callable[[Indices], Answers]:
    """Probabilities [n, K] of the `classes` in rising order; 0 for one that these rows do not have."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    own = np.unique(values[rows])
    places = np.searchsorted(np.asarray(classes), own)

    def spread(table: NDArray[np.float64]) -> Answers:
        found = np.zeros((len(table), len(classes)))
        found[:, places] = table
        return found

    if len(own) < 2:
        return lambda asked: spread(np.ones((len(asked), len(own))))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=300))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features[rows], values[rows])
    return lambda asked: spread(model.predict_proba(features[asked]))


def _ridge(features: NDArray[np.float64], truth: NDArray[Any], rows: Indices) -> Callable[[Indices], Answers]:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), RidgeCV(alphas=RIDGES))
    model.fit(features[rows], truth[rows])
    return lambda asked: np.asarray(model.predict(features[asked]), np.float64)[:, None]
