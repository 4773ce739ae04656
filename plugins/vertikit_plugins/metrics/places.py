"""Whether a model points at the place that a person marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit import VertikitError
from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.places import PLACES
from vertikit.evaluate.places import aupro as area

if TYPE_CHECKING:
    import pandas as pd


def aupro(frame: pd.DataFrame, context: MetricContext) -> float:
    """Per-region overlap of maps and masks, integrated to a false positive rate of 0.3 (see
    `vertikit.evaluate.places`); resamples are of whole pictures."""
    del context
    if PLACES not in frame.columns:
        raise VertikitError("no masks, or nothing that tells where", "Give a column of masks.")
    counts = [each for each in frame[PLACES].to_numpy(object) if each is not None]
    return area(np.stack(counts)) if counts else float("nan")


AUPRO = Metric(aupro)
