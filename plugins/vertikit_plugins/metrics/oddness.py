"""Metrics of a target that is sound or odd: what is found, what is missed, and what is rejected for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.conformal import Threshold
from vertikit_plugins.metrics.detection import looked_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

OVERKILL = 0.05
"""At which recalls are compared."""


def threshold_at_overkill(frame: pd.DataFrame, context: MetricContext) -> float:
    """The score that a share of `OVERKILL` of new sound rows does not go beyond, by the conformal quantile of those of
    calibration."""
    odd, score = looked_for(frame, context)
    found = Threshold(OVERKILL)
    found.fit(score[:, None], odd.astype(np.int64))
    return found.threshold


def recall_at_overkill(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of odd rows beyond the threshold that calibration rows gave."""
    odd, score = looked_for(frame, context)
    threshold = context.learnt.get("recall_at_5_percent_overkill")
    if threshold is None or not odd.any():
        return float("nan")
    return float((score[odd] > float(threshold)).mean())


def overkill(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of sound rows that are taken for odd."""
    odd, _ = looked_for(frame, context)
    if odd.all():
        return float("nan")
    return float(np.asarray(frame["prediction"] == context.labels[-1], bool)[~odd].mean())


def escape(frame: pd.DataFrame, context: MetricContext) -> float:
    """Share of odd rows that are taken for sound."""
    odd, _ = looked_for(frame, context)
    if not odd.any():
        return float("nan")
    return float(np.asarray(frame["prediction"] != context.labels[-1], bool)[odd].mean())


def recall_by_kind(frame: pd.DataFrame, context: MetricContext) -> Mapping[str, float]:
    """Of each way of being odd, the share that is taken for odd."""
    odd, _ = looked_for(frame, context)
    if "kind" not in frame.columns:
        return {}
    found = np.asarray(frame["prediction"] == context.labels[-1], bool)
    kinds = np.asarray(frame["kind"], object)
    return {
        f"recall_of_{kind}": float(found[odd & (kinds == kind)].mean()) for kind in sorted(set(kinds[odd]))
    }


RECALL_AT_OVERKILL = Metric(recall_at_overkill, learn=threshold_at_overkill)
OVERKILL_RATE = Metric(overkill, higher_is_better=False)
ESCAPE_RATE = Metric(escape, higher_is_better=False)
RECALL_BY_KIND = Metric(recall_by_kind)
