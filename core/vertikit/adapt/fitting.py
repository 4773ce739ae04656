"""From a prepared fold to an adapted model and its raw outputs on every part."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.adapt.assembling import Assembled
from vertikit.adapt.encoding import Lengths, encode_once, lengths_of, pooled_features, raw_outputs
from vertikit.adapt.trainer import Judge, TrainingData, train_model
from vertikit.contracts import Features, Items
from vertikit.evaluate.frame import prediction_frame
from vertikit.progress import Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    from vertikit.contracts import Metric, MetricContext
    from vertikit.examples import Examples, Fold, Indices

SCALE_ROWS = 512
"""Training rows from which a head learns the scale of features that are not computed once."""
OUT_OF_FOLD = 5
"""Parts of the training rows where there are too few for a validation part."""


@dataclass
class Bound:
    """Examples bound to the model: items by binding, and what became of long values."""

    inputs: Mapping[str, Items]
    lengths: Mapping[str, Lengths]
    seconds: float


@dataclass
class Fitting:
    """What training left beside the model itself.

    Args:
        epochs: the log, an entry an epoch.
        calibrate: positions of rows whose raw outputs come from a model that was not trained on them.
        calibrate_raw: those outputs, [n, K].
        refitted: whether the model was trained again on training and validation rows together.
        seconds: of training alone.
    """

    epochs: list[dict[str, float]]
    calibrate: Indices
    calibrate_raw: NDArray[np.float64]
    refitted: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class PrimaryMetric:
    """The metric that decides, and what it needs to know."""

    name: str
    metric: Metric
    context: MetricContext


def bind(parts: Assembled, examples: Examples, recipe: Recipe, progress: Progress) -> Bound:
    """Items of every binding for all examples: features where the encoder is frozen, else tokens."""
    start = time.monotonic()
    inputs: dict[str, Items] = {}
    lengths: dict[str, Lengths] = {}
    for name, backbone in parts.backbones.items():
        values = examples.column(name)
        if parts.strategy.features_once:
            inputs[name], lengths[name] = encode_once(
                backbone, values, cache=recipe.cache, device=parts.device, progress=progress
            )
        else:
            inputs[name] = backbone.items(values)
            lengths[name] = lengths_of(inputs[name])
    return Bound(inputs, lengths, time.monotonic() - start)


def fit(
    parts: Assembled,
    bound: Bound,
    truth: NDArray[np.object_],
    fold: Fold,
    recipe: Recipe,
    primary: PrimaryMetric,
    groups: NDArray[np.object_] | None,
    *,
    target: str,
    folder: Path,
    progress: Progress,
    epoch_ended: Callable[[Mapping[str, float]], None] | None = None,
) -> Fitting:
    """Train `parts.model` in place on a fold.

    With a validation part: stop early on the primary metric, keep the best epoch, and, where the recipe
    says so (`refit`), train again on training and validation rows together for as long. Without one
    (`fold.refit`): all epochs, on training and validation rows together, after as many fits as there are
    out-of-fold parts have given every row an output that was not trained on it.
    """
    start = time.monotonic()
    with _threads_for(parts):
        fitting = _fit(
            parts, bound, truth, fold, recipe, primary, groups, target, folder, progress, epoch_ended
        )
    fitting.seconds = time.monotonic() - start
    return fitting


@contextmanager
def _threads_for(parts: Assembled) -> Iterator[None]:
    """One thread for heads alone: their steps are so small that waiting for a second thread costs more."""
    before = torch.get_num_threads()
    if parts.strategy.features_once and parts.device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _fit(
    parts: Assembled,
    bound: Bound,
    truth: NDArray[np.object_],
    fold: Fold,
    recipe: Recipe,
    primary: PrimaryMetric,
    groups: NDArray[np.object_] | None,
    target: str,
    folder: Path,
    progress: Progress,
    epoch_ended: Callable[[Mapping[str, float]], None] | None,
) -> Fitting:
    labelled = np.concatenate([fold.train, fold.valid])
    known = np.isin(truth, parts.labels)
    encoded = torch.zeros(len(truth), dtype=torch.long)
    encoded[torch.from_numpy(np.flatnonzero(known))] = parts.head.encode(list(truth[known]))
    weights = _weights(truth, fold.train, recipe)

    # Features computed once leave nothing for the encoder to do, so that the trainer sees the heads alone.
    model = parts.model.heads_alone() if parts.strategy.features_once else parts.model

    def run(
        train: Indices, valid: Indices | None, name: str, recipe: Recipe = recipe
    ) -> list[dict[str, float]]:
        parts.model.load_state_dict(parts.initial, strict=False)
        torch.manual_seed(recipe.seed)
        _fit_scale(parts, bound, train)
        data = TrainingData(bound.inputs, target, encoded, weights, train, valid)
        judge = None if valid is None else _judge(parts, truth[valid], primary)
        return train_model(
            model,
            data,
            parts.loss,
            recipe,
            _groups(parts, recipe),
            judge,
            device=parts.device,
            folder=folder / name,
            tell=tell if name == "training" else lambda *_: None,
        ).epochs

    def tell(entry: dict[str, float], last: int) -> None:
        progress.line(_epoch_line(entry, last))
        if epoch_ended is not None:
            epoch_ended(entry)

    def outputs(indices: Indices) -> NDArray[np.float64]:
        return raw_outputs(parts.model, bound.inputs, indices, target, parts.device)

    if not fold.refit:
        epochs = run(fold.train, fold.valid, "training")
        fitting = Fitting(epochs, fold.calibrate, outputs(fold.calibrate))
        if recipe.refit == "always" or (recipe.refit == "auto" and parts.strategy.features_once):
            best = best_epoch(epochs, primary)
            progress.line(f"training again on all {len(labelled):,} labelled rows, {best} epochs")
            run(labelled, None, "all rows", recipe.model_copy(update={"epochs": best}))
            fitting.refitted = True
        return fitting

    progress.line(
        f"few rows to validate on: outputs of {len(labelled):,} rows come out of fold, then all train"
    )
    raw = np.zeros((len(labelled), len(parts.labels)))
    parted = _out_of_fold(truth[labelled], groups, labelled, recipe.seed)
    for number, (inside, outside) in enumerate(parted, 1):
        progress.line(
            f"out of fold: fit {number} of {len(parted)}, {len(inside):,} rows, {recipe.epochs} epochs"
        )
        run(labelled[inside], None, f"out-of-fold {number}")
        raw[outside] = outputs(labelled[outside])
    epochs = run(labelled, None, "training")
    return Fitting(epochs, labelled, raw)


def best_epoch(epochs: list[dict[str, float]], primary: PrimaryMetric) -> int:
    """The epoch with the best primary metric on the validation part, the first among equals."""
    sign = 1 if primary.metric.higher_is_better else -1
    best = max(epochs, key=lambda entry: sign * entry[f"valid_{primary.name}"])
    return round(best["epoch"])


def _weights(truth: NDArray[np.object_], train: Indices, recipe: Recipe) -> torch.Tensor:
    """[N] 1, or under balanced class weights n / (K n_k) with the counts of the training rows."""
    weights = np.ones(len(truth), dtype=np.float32)
    if recipe.class_weights == "balanced":
        labels, counts = np.unique(truth[train].astype(str), return_counts=True)
        by_label = dict(zip(labels, len(train) / (len(labels) * counts), strict=True))
        weights = np.asarray([by_label.get(str(label), 1.0) for label in truth], dtype=np.float32)
    return torch.from_numpy(weights)


def _judge(parts: Assembled, truth: NDArray[np.object_], primary: PrimaryMetric) -> Judge:
    def score(raw: NDArray[np.float64]) -> float:
        frame = prediction_frame(parts.labels, parts.head.probabilities(raw), list(truth))
        value = primary.metric.compute(frame, primary.context)
        assert isinstance(value, float)
        return value

    return Judge(primary.name, primary.metric.higher_is_better, score)


def _groups(parts: Assembled, recipe: Recipe) -> list[dict[str, Any]]:
    head: list[dict[str, Any]] = [
        {"params": list(parts.model.heads.parameters()), "lr": recipe.optimiser.rate}
    ]
    for backbone in parts.backbones.values():
        head += parts.strategy.groups(backbone, recipe.optimiser.encoder_rate)
    return head


def _fit_scale(parts: Assembled, bound: Bound, train: Indices) -> None:
    """Let the head see what features look like before training: all of them, or those of some rows."""
    columns = {}
    sample = train
    if not parts.strategy.features_once:
        sample = np.sort(np.random.default_rng(0).permutation(train)[:SCALE_ROWS])
    for name, items in bound.inputs.items():
        if parts.strategy.features_once:
            columns[name] = items.collate(sample)["pooled"]
        else:
            pooled = pooled_features(parts.backbones[name], items, sample, parts.device, Progress(None))
            columns[name] = torch.from_numpy(pooled)
    with torch.no_grad():
        features = Features(pooled=torch.cat(list(columns.values()), dim=1).to(parts.device))
        parts.head.fit(features.pooled)


def _out_of_fold(
    truth: NDArray[np.object_], groups: NDArray[np.object_] | None, labelled: Indices, seed: int
) -> list[tuple[Indices, Indices]]:
    from sklearn.model_selection import StratifiedGroupKFold

    own = np.arange(len(labelled)) if groups is None else groups[labelled].astype(str)
    largest = int(np.unique(truth.astype(str), return_counts=True)[1].max())
    parts = max(2, min(OUT_OF_FOLD, len(np.unique(own)), largest))
    with warnings.catch_warnings():
        # A class with fewer rows than parts is in fewer parts; that is all there is.
        warnings.simplefilter("ignore", UserWarning)
        folds = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        return list(folds.split(np.zeros(len(labelled)), truth.astype(str), own))


def _epoch_line(entry: dict[str, float], last: int) -> str:
    parts = [f"epoch {entry['epoch']:.0f} of {last}"]
    parts += [f"{key.replace('_', ' ', 1)} {value:.4f}" for key, value in entry.items() if key != "epoch"]
    return ", ".join(parts)
