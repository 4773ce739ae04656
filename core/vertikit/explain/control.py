"""A control: the same recipe from the same first weights, trained on labels that were shuffled among the rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.adapt.binding import bind
from vertikit.adapt.fits import Fits
from vertikit.adapt.fitting import best_epoch
from vertikit.errors import VertikitError
from vertikit.explain.weights import Encoder, copied, merged_encoder
from vertikit.prepare.preparing import prepare
from vertikit.run.model_parts import load_parts
from vertikit.training.adapting import columns_of_loss, deciding
from vertikit.training.distilling import remembered_mapping
from vertikit.training.joining import with_experts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from torch import Tensor

    from vertikit.adapt.fits import PrimaryMetric
    from vertikit.contracts import Backbone
    from vertikit.prepare.prepared import Source
    from vertikit.progress import Progress
    from vertikit.run.run import Run


def control(
    run: Run,
    data: Sequence[Source],
    mapping: Mapping[str, str],
    drop: Sequence[str],
    root: str,
    work: Path,
    progress: Progress,
) -> Encoder:
    """Train the run's recipe anew on the training part of those rows, their labels shuffled by the recipe's seed, for
    as many epochs as the run's own best; no baselines, no validation.

    VertikitError where none of those rows has a label that the run knows.
    """
    from vertikit.prepare.prepared import Sources

    recipe, known = run.recipe, run.registry
    before: dict[str, Tensor] = {}

    def keep(_: str, backbone: Backbone) -> None:
        before.update(copied(backbone.module))

    sources = Sources(
        tuple(data), mapping=remembered_mapping(run, dict(mapping)), drop=tuple(drop), root=root
    )
    tables = work / "tables"
    tables.mkdir(parents=True)
    prepared = prepare(known.task(run.task.name), sources, recipe, known, tables, progress.line)
    prepared = replace(prepared, task=prepared.task.for_outcome(prepared.outcome.kind))
    prepared, _ = with_experts(prepared, recipe, known, tables, progress)
    primary = deciding(prepared, recipe, known)
    parts = load_parts(run, keep)
    assembled, target = parts.assembled, run.task.target.name
    truth = run.outcome.truth(prepared.examples, target)
    train = prepared.folds[0].train
    train = train[run.outcome.usable(truth[train])]
    if len(train) < 2:
        raise VertikitError(
            f"--control: {len(train)} training rows have a {target} that the run knows.",
            "Give the rows that the run was trained on.",
        )
    epochs = _epochs(run, primary)
    progress.line(f"control: {len(train):,} training rows with shuffled labels, {epochs} epochs")
    bound = bind(assembled, prepared.examples, recipe, progress)
    fits = Fits(
        assembled, bound.inputs, shuffled(truth, train, recipe.seed), train, recipe, primary, target=target,
        folder=work / "control", columns=columns_of_loss(assembled, prepared.examples, recipe), progress=progress,
    )  # fmt: skip
    fits.run("control", train, stop_after=epochs)
    return merged_encoder(parts, before)


def shuffled(truth: NDArray[Any], rows: NDArray[np.int64], seed: int) -> NDArray[Any]:
    """The truth [N] with the values at those positions in another order."""
    found = truth.copy()
    found[rows] = truth[np.random.default_rng(seed).permutation(rows)]
    return found


def _epochs(run: Run, primary: PrimaryMetric) -> int:
    """How many epochs the weights that the run kept were trained for."""
    logs = [entry for entry in run.metrics.get("epochs") or [] if f"valid_{primary.name}" in entry]
    if not logs:
        return max(1, len(run.metrics.get("epochs") or []) or run.recipe.epochs)
    return best_epoch(logs, primary)
