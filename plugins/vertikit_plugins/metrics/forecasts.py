"""How good forecasts are: errors beside those of repeating the last season, quantiles, intervals; over all steps, and
by part of the horizon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SERIES = ".series"
STEPS = ".steps@"


def total(frame: pd.DataFrame, key: str, bucket: str = "") -> NDArray[np.float64]:
    """[N] a sum over the known steps of each example (see `vertikit.outcome.forecast_frame`), in one part of the
    horizon or in all; VertikitError where the frame is of no forecast."""
    names = (
        [f".{key}@{bucket}"]
        if bucket
        else [each for each in frame.columns if str(each).startswith(f".{key}@")]
    )
    if not names or names[0] not in frame.columns:
        raise VertikitError("this metric judges forecasts, and the target is none.", "Choose another.")
    found = frame[names[0]].to_numpy(np.float64)
    for name in names[1:]:
        found = found + frame[name].to_numpy(np.float64)
    return found


def mase(frame: pd.DataFrame, context: MetricContext, bucket: str = "") -> float:
    """Mean absolute scaled error: that of each forecast, divided by what repeating the season before was off in its
    series in training; averaged over forecasts (Hyndman and Koehler 2006, International Journal of Forecasting 22)."""
    steps = total(frame, "steps", bucket)
    scaled = (
        total(frame, "absolute", bucket) / np.where(steps > 0, steps, np.nan) / _of(frame, context, "error")
    )
    return float(np.nanmean(scaled)) if np.isfinite(scaled).any() else math.nan


def wql(frame: pd.DataFrame, context: MetricContext, bucket: str = "") -> float:  # noqa: ARG001
    """Weighted quantile loss: twice the quantile loss of all steps and levels, divided by the sum of |truth|; the mean
    over levels, as in GluonTS and Chronos (Ansari et al. 2024, arXiv:2403.07815)."""
    return _ratio(total(frame, "pinball", bucket).sum(), total(frame, "size", bucket).sum())


def coverage(frame: pd.DataFrame, context: MetricContext, bucket: str = "") -> float:  # noqa: ARG001
    """How often the truth lies between the lowest and the highest quantile."""
    return _ratio(total(frame, "held", bucket).sum(), total(frame, "steps", bucket).sum())


def standardised_mse(frame: pd.DataFrame, context: MetricContext, bucket: str = "") -> float:
    """Mean squared error of the median over all steps, of series standardised by their mean and deviation in training:
    the convention of the long-horizon benchmarks (Zhou et al. 2021, AAAI, arXiv:2012.07436)."""
    own = total(frame, "square", bucket) / _of(frame, context, "deviation") ** 2
    return _ratio(own.sum(), total(frame, "steps", bucket).sum())


def standardised_mae(frame: pd.DataFrame, context: MetricContext, bucket: str = "") -> float:
    """Mean absolute error of the median, on the same scale."""
    own = total(frame, "absolute", bucket) / _of(frame, context, "deviation")
    return _ratio(own.sum(), total(frame, "steps", bucket).sum())


def by_horizon(frame: pd.DataFrame, context: MetricContext) -> Mapping[str, float]:
    """All of these by part of the horizon: `mase.1-12` is of the first twelve steps."""
    parts = [str(name).removeprefix(STEPS) for name in frame.columns if str(name).startswith(STEPS)]
    measures: dict[str, Callable[[pd.DataFrame, MetricContext, str], float]] = {
        "mase": mase,
        "wql": wql,
        "interval_coverage": coverage,
        "standardised_mse": standardised_mse,
        "standardised_mae": standardised_mae,
    }
    if len(parts) < 2:
        return {}
    return {f"{name}.{part}": each(frame, context, part) for name, each in measures.items() for part in parts}


def _of(frame: pd.DataFrame, context: MetricContext, key: str) -> NDArray[np.float64]:
    """[N] what the series of each example was like in training; of a new one, what is usual among those that were
    there."""
    own = {name: float(getattr(each, key)) for name, each in context.series.items()}
    known = [each for each in own.values() if math.isfinite(each)]
    usual = float(np.median(known)) if known else math.nan
    column = frame[SERIES]
    values = [own.get(str(name), usual) for name in column.cat.categories]
    return (
        np.asarray(values, np.float64)[column.cat.codes.to_numpy()] if values else np.full(len(frame), usual)
    )


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else math.nan


MASE = Metric(mase, higher_is_better=False, upper=math.inf, needs=(SERIES,))
WQL = Metric(wql, higher_is_better=False, upper=math.inf)
COVERAGE = Metric(coverage, aim=0.8)
STANDARDISED_MSE = Metric(standardised_mse, higher_is_better=False, upper=math.inf, needs=(SERIES,))
STANDARDISED_MAE = Metric(standardised_mae, higher_is_better=False, upper=math.inf, needs=(SERIES,))
BY_HORIZON = Metric(by_horizon, higher_is_better=False, upper=math.inf, needs=(SERIES,))
