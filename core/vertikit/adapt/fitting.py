"""From a prepared fold to an adapted model, and to raw outputs that its calibration can rest on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.adapt.assembling import Assembled
from vertikit.adapt.binding import Bound
from vertikit.adapt.fits import Fits, PrimaryMetric, Raw, Tell
from vertikit.adapt.fitted_head import fit_head
from vertikit.adapt.out_of_fold import Course, Fitting, out_of_fold
from vertikit.contracts import FittedHead
from vertikit.progress import Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    from vertikit.examples import Fold

FEW_VALID = 100
"""Fewer validation rows choose an epoch by luck: heads on frozen features, which train in a second, then
have every labelled row validate in turn."""
EpochEnded = Callable[[Mapping[str, float]], None]


def fit(
    parts: Assembled,
    bound: Bound,
    truth: NDArray[Any],
    fold: Fold,
    recipe: Recipe,
    primary: PrimaryMetric,
    groups: NDArray[np.object_] | None,
    *,
    target: str,
    folder: Path,
    progress: Progress,
    epoch_ended: EpochEnded | None = None,
    columns: Mapping[str, NDArray[np.float64]] | None = None,
) -> Fitting:
    """Train `parts.model` in place on a fold.

    With a validation part: stop early on the primary metric, keep the best epoch, and, where the recipe
    says so (`refit`), train again on training and validation rows together for as long. Where that part is
    small and the encoder frozen, all labelled rows validate in turn, and the best epoch is theirs. Without a
    validation part (`fold.refit`): all epochs, on training and validation rows together, after as many fits
    as there are out-of-fold parts have given every row an output that was not trained on it. `columns` are those
    of all examples that the loss needs.
    """
    start = time.monotonic()
    if isinstance(parts.head, FittedHead):
        fitting = fit_head(parts, bound.inputs, truth, fold, recipe, groups, target=target, progress=progress)
        fitting.seconds = time.monotonic() - start
        return fitting
    fits = Fits(
        parts, bound.inputs, truth, fold.train, recipe, primary, target=target, folder=folder, columns=columns,
        progress=progress,
    )  # fmt: skip

    def tell(entry: dict[str, float], last: int) -> None:
        progress.line(_epoch_line(entry, last))
        if epoch_ended is not None:
            epoch_ended(entry)

    refit = recipe.refit == "always" or (recipe.refit == "auto" and parts.features_once)
    with _threads_for(parts):
        if fold.refit:
            fitting = _with_fixed_epochs(fits, fold, groups, progress, tell)
        elif refit and parts.features_once and _is_small(fold):
            fitting = _validated_in_turn(fits, fold, groups, progress, tell)
        else:
            fitting = _validated(fits, fold, refit, progress, tell)
    fitting.batch = None if fits.batch == recipe.batch else fits.batch
    fitting.seconds = time.monotonic() - start
    return fitting


@contextmanager
def _threads_for(parts: Assembled) -> Iterator[None]:
    """One thread for heads alone: their steps are so small that waiting for a second thread costs more."""
    before = torch.get_num_threads()
    if parts.features_once and parts.device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_small(fold: Fold) -> bool:
    """Whether the validation part is too small to choose an epoch; calibration rows of their own are left alone."""
    return len(fold.valid) < FEW_VALID and np.array_equal(fold.calibrate, fold.valid)


def _validated(fits: Fits, fold: Fold, refit: bool, progress: Progress, tell: Tell) -> Fitting:
    """Early stopping on the validation part, and then, perhaps, all labelled rows for as many epochs."""
    epochs = fits.run("training", fold.train, fold.valid, tell=tell)
    raw = fits.outputs(fold.calibrate)
    if refit:
        labelled = np.concatenate([fold.train, fold.valid])
        best = best_epoch(epochs, fits.primary)
        progress.line(f"training again on all {len(labelled):,} labelled rows, {best} epochs")
        fits.run("all rows", labelled, stop_after=best)
    return Fitting(epochs, fold.calibrate, raw, [(fold.train, fold.calibrate)], refitted=refit)


def _validated_in_turn(
    fits: Fits, fold: Fold, groups: NDArray[np.object_] | None, progress: Progress, tell: Tell
) -> Fitting:
    """The best epoch of all labelled rows together, each judged by a model that was not trained on it."""
    labelled = np.concatenate([fold.train, fold.valid])
    progress.line(
        f"{len(fold.valid):,} validation rows are few to choose an epoch by: all {len(labelled):,} labelled rows "
        "validate in turn"
    )
    parted = out_of_fold(_strata(fits), groups, labelled, fits.recipe.seed)
    course = Course(fits.folder, labelled)
    for number, (inside, outside) in enumerate(parted, 1):
        progress.line(f"validation part {number} of {len(parted)}: {len(outside):,} rows")
        name = f"turn-{number}"
        record, ended = course.part(name, outside)
        course.logs.append(fits.run(name, inside, outside, record=record, tell=ended, patience=0))
    epochs = course.epochs(fits.primary.name, lambda raw: fits.score(raw, labelled))
    for entry in epochs:
        tell(entry, len(epochs))
    best = best_epoch(epochs, fits.primary)
    progress.line(f"training on all {len(labelled):,} labelled rows, {best} epochs")
    fits.run("training", labelled, stop_after=best)
    return Fitting(epochs, labelled, course.raw(best), parted, refitted=True)


def _with_fixed_epochs(
    fits: Fits, fold: Fold, groups: NDArray[np.object_] | None, progress: Progress, tell: Tell
) -> Fitting:
    """All epochs on all labelled rows, after fits on parts of them have given out-of-fold outputs."""
    labelled = np.concatenate([fold.train, fold.valid])
    progress.line(
        f"few rows to validate on: outputs of {len(labelled):,} rows come out of fold, then all train"
    )
    parted = out_of_fold(_strata(fits), groups, labelled, fits.recipe.seed)
    found: Raw | None = None
    for number, (inside, outside) in enumerate(parted, 1):
        progress.line(
            f"out of fold: fit {number} of {len(parted)}, {len(inside):,} rows, {fits.recipe.epochs} epochs"
        )
        fits.run(f"out-of-fold {number}", inside)
        raw = fits.outputs(outside)
        found = np.zeros((len(fits.truth), raw.shape[1])) if found is None else found
        found[outside] = raw
    assert found is not None
    epochs = fits.run("training", labelled, tell=tell)
    return Fitting(epochs, labelled, found[labelled], parted)


def _strata(fits: Fits) -> NDArray[np.object_]:
    return fits.parts.outcome.strata(fits.truth)


def best_epoch(epochs: list[dict[str, float]], primary: PrimaryMetric) -> int:
    """The epoch with the best primary metric on the validation part, the first among equals."""
    sign = 1 if primary.metric.higher_is_better else -1
    best = max(epochs, key=lambda entry: sign * entry[f"valid_{primary.name}"])
    return round(best["epoch"])


def _epoch_line(entry: dict[str, float], last: int) -> str:
    parts = [f"epoch {entry['epoch']:.0f} of {last}"]
    parts += [f"{key.replace('_', ' ', 1)} {value:.4f}" for key, value in entry.items() if key != "epoch"]
    return ", ".join(parts)
