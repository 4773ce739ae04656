"""Heads that learn without a gradient: one pass over the training rows, and outputs of rows they have not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.adapt.assembling import Assembled
from vertikit.adapt.batching import pack
from vertikit.adapt.encoding import INFERENCE_ROWS, INFERENCE_TOKENS, on_device, raw_outputs
from vertikit.adapt.out_of_fold import Fitting, out_of_fold
from vertikit.contracts import FittedHead, Items
from vertikit.errors import UsageError
from vertikit.progress import Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    from vertikit.examples import Fold, Indices


def fit_head(
    parts: Assembled,
    inputs: Mapping[str, Items],
    truth: NDArray[Any],
    fold: Fold,
    recipe: Recipe,
    groups: NDArray[np.object_] | None,
    *,
    target: str,
    progress: Progress,
) -> Fitting:
    """Fit `parts.head` in place on a fold: on its training rows, or where the validation rows are few on both.

    Raw outputs for calibration are of the validation part; where it is too small (`fold.refit`), of all labelled rows,
    each by a fit that has not seen it. With `refit: always` the head is fitted again on both parts at the end; else
    not, since thresholds hold for the head that they were learnt for.
    """
    labelled = np.concatenate([fold.train, fold.valid])

    def learn(rows: Indices, said: str = "learning") -> None:
        learn_rows(parts, inputs, truth, rows, seed=recipe.seed, progress=progress, said=said)

    def outputs(rows: Indices) -> NDArray[np.float64]:
        return raw_outputs(parts.model, inputs, rows, target, parts.device, progress, label="calibrating")

    if fold.refit:
        progress.line(
            f"few rows to calibrate by: outputs of {len(labelled):,} rows come out of fold, then all are learnt"
        )
        parted = out_of_fold(parts.outcome.strata(truth), groups, labelled, recipe.seed)
        found: NDArray[np.float64] | None = None
        for number, (inside, outside) in enumerate(parted, 1):
            learn(inside, f"out of fold {number} of {len(parted)}")
            raw = outputs(outside)
            found = np.zeros((len(truth), raw.shape[1])) if found is None else found
            found[outside] = raw
        assert found is not None
        learn(labelled)
        return Fitting([], labelled, found[labelled], parted)
    learn(fold.train)
    fitting = Fitting([], fold.calibrate, outputs(fold.calibrate), [(fold.train, fold.calibrate)])
    if recipe.refit == "always":
        learn(labelled, "learning again")
        fitting = replace(fitting, refitted=True)
    return fitting


@torch.inference_mode()
def learn_rows(
    parts: Assembled,
    inputs: Mapping[str, Items],
    truth: NDArray[Any],
    rows: Indices,
    *,
    seed: int,
    progress: Progress,
    said: str,
) -> None:
    """One pass over those rows through the encoder into the head, in batches whose order `seed` draws."""
    head = parts.head
    assert isinstance(head, FittedHead)
    encoded = torch.from_numpy(parts.outcome.encoded(truth[rows]))
    place = {int(row): at for at, row in enumerate(rows)}
    parts.model.to(parts.device).eval()
    torch.manual_seed(seed)
    head.begin(len(rows))
    with progress.bar(said, len(rows), "examples") as advance:
        for batch in pack(inputs, rows, tokens=INFERENCE_TOKENS, rows=INFERENCE_ROWS, seed=seed):
            features = parts.model.features(on_device(inputs, batch, parts.device))
            if head.reads == "tokens" and features.tokens is None:
                name = next(iter(parts.backbones.values())).info.name
                raise UsageError(
                    f"the head looks at places in an example, and backbone {name!r} gives no features of places.",
                    "Choose layers that do, with --set backbone.tokens_from=…, or another backbone or head.",
                )
            head.learn(features, encoded[[place[int(row)] for row in batch]])
            advance(len(batch))
    head.finish()
