"""What a user must know of a training beside its score: gaps, curves, and warnings in plain sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import AugmentingBackbone, FittedHead
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.judging import Standard
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.shortcuts import warnings_of_shortcut

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.examples import Fold
    from vertikit.prepare.prepared import Prepared
    from vertikit.recipe import Recipe
    from vertikit.training.adapting import Adapted

HELD_LESS = 0.1
"""How much less often than they should intervals may hold the truth before that is warned of."""
TRAIN_ROWS = 1000
"""Training rows that are predicted to see how far training and validation lie apart."""


def overfitting(
    data: Prepared,
    adapted: Adapted,
    fold: Fold,
    truth: NDArray[Any],
    standard: Standard,
    valid: dict[str, Any],
    recipe: Recipe,
) -> dict[str, Any]:
    """The keys "train" and "overfitting" of metrics.json: the primary metric on training rows, and the gap."""
    # Rows of a table, or features computed before, cost little; and where one class is rare, few rows show nothing.
    cheap = adapted.assembled.tables or adapted.assembled.features_once
    most = len(fold.train) if cheap else TRAIN_ROWS
    rows = np.sort(np.random.default_rng(0).permutation(fold.train)[:most])
    if not standard.outcome.learns(truth).all():
        return {}  # examples of one class alone are learnt from, and no metric tells anything of these
    head = adapted.assembled.head
    raw = adapted.raw(rows, adapted.target)
    frame = standard.outcome.frame(standard.outcome.answers(head, raw), list(truth[rows]))
    frame = with_columns(frame, data.examples.take(rows), standard.columns)
    primary = {standard.primary: standard.metrics[standard.primary]}
    train = measure(frame, primary, standard.context, resamples=0)
    seen, unseen = train[standard.primary]["value"], valid[standard.primary]["value"]
    if seen is None or unseen is None:
        return {"train": train}
    gap = (seen - unseen) * (1 if primary[standard.primary].higher_is_better else -1)
    # A metric without an upper end is in units of the target: there, the gap is a share of its value.
    bounded = math.isfinite(standard.metrics[standard.primary].upper)
    alarm = gap > recipe.evaluation.overfit_gap * (1.0 if bounded else abs(unseen))
    found = {"train": seen, "valid": unseen, "gap": gap, "alarm": alarm}
    return {"train": train, "overfitting": {**found, "in_turn": len(adapted.fitting.held_out) > 1}}


def learning_curve(
    data: Prepared,
    adapted: Adapted,
    fold: Fold,
    truth: NDArray[Any],
    standard: Standard,
    whole: dict[str, Any],
) -> list[dict[str, Any]]:
    """An entry a share: share, rows, and the primary metric of the test part; the last has all training rows."""
    primary = {standard.primary: standard.metrics[standard.primary]}
    entries = []
    for share, rows, test, raw in adapted.curve:
        answers = standard.outcome.answers(adapted.assembled.head, raw)
        frame = standard.outcome.frame(answers, list(truth[test]))
        measured = measure(
            with_columns(frame, data.examples.take(test), standard.columns),
            primary,
            standard.context,
            groups=None if adapted.groups is None else adapted.groups[test],
            resamples=standard.resamples,
            seed=standard.seed,
        )
        entries.append({"share": share, "rows": rows, **measured[standard.primary]})
    # Shares are trained without a blend, so the last point is the model's alone too.
    last = whole.get("alone", whole["test"])[standard.primary]
    return [*entries, {"share": 1.0, "rows": len(fold.train), **last}]


def warnings_of(data: Prepared, adapted: Adapted, metrics: dict[str, Any]) -> list[str]:
    """Plain sentences on what limits the result."""
    leaks, found = data.leaks, []
    if leaks.kept:
        found.append(
            f"Leaks were kept at the user's wish: {leaks.across:,} training rows repeat rows of another part, "
            f"{leaks.group_rows:,} are of groups in another part, and {leaks.conflicting:,} rows carry "
            "conflicting labels. The figures are better than the model."
        )
    if data.task.time is not None and data.examples.span is None:
        found.append(
            f"The data has no {data.task.time.name}, so the test rows are of the same days as those of training. How "
            "the model does on later days, which is how it is used, is not known, and it is usually worse."
        )
    if data.folds[0].refit:
        found.append(
            "There were too few rows for a validation part: epochs were fixed, calibration and thresholds come "
            "out of fold, and the model was trained on all rows that are not the test's."
        )
    if (batch := adapted.fitting.batch) is not None:
        found.append(
            f"There was too little memory for the recipe's batches: it was trained in batches of {batch.rows:,} rows "
            f"and {batch.tokens:,} tokens at most, {batch.accumulate:,} of them a step. Set batch.rows={batch.rows}, "
            f"batch.tokens={batch.tokens} and batch.accumulate={batch.accumulate} for the same numbers anywhere."
        )
    found += without_effect(adapted.assembled)
    if leaks.near:
        found.append(
            f"{leaks.near:,} training rows are nearly the same as a row of another part; they were kept, and may "
            "flatter the figures."
        )
    found += warnings_of_shortcut(metrics)
    gap = metrics.get("overfitting", {})
    if gap.get("alarm"):
        others = "than others trained alike do on rows left out" if gap["in_turn"] else "than on others"
        found.append(
            f"The model does much better on rows it was trained on ({gap['train']:.2f}) {others} "
            f"({gap['valid']:.2f}): it has learnt some of them by heart. More rows or fewer "
            "trained parameters would help."
        )
    if metrics["policy"].get("coverage") == 0:
        found.append(
            "The policy abstains on every test row: no threshold kept the risk that the recipe allows (policy.risk). "
            "More rows would help, or a larger risk."
        )
    interval = metrics.get("interval") or {}
    if interval.get("coverage") is not None and interval["coverage"] < interval["level"] - HELD_LESS:
        found.append(
            f"Its intervals hold the truth in {interval['coverage']:.0%} of the test rows, not in "
            f"{interval['level']:.0%}: "
            "these rows are less like those it was set on than it takes. Do not rely on how sure it says it is."
        )
    found += adapted.foreign
    for name, lengths in adapted.bound.lengths.items():
        found += [line for line in lengths.notes(name) if lengths.cut]
    return found


def without_effect(assembled: Assembled) -> list[str]:
    """A sentence where the recipe asks for altered examples and nothing that is trained sees any."""
    asked = any(isinstance(each, AugmentingBackbone) and each.alters for each in assembled.backbones.values())
    if not asked or not (assembled.features_once or isinstance(assembled.head, FittedHead)):
        return []
    return [
        "backbone.augment has no effect: the encoder is not trained, and reads every example as it is. Train it "
        "(--set strategy=lora, partial or full), or leave augment out."
    ]
