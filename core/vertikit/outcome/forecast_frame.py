"""The frames of forecasts: a line an example for metrics, a line a step for policies and tables.

Metrics of forecasts are ratios of sums over steps. So that a bootstrap need not pass over all steps again, the frame of
metrics holds these sums for each example, in a few buckets of the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.outcome import Lines
    from vertikit.windows import Ahead, Windows

TRUTH, ANSWER = ".truth", ".answer"
"""Columns with the steps [H] and the quantiles [H, Q] of each example."""
SUMS = ("steps", "absolute", "square", "size", "pinball", "held")
BUCKETS = 4
"""Parts of the horizon that are told of by themselves."""


def buckets(horizon: int) -> list[tuple[int, int]]:
    """Steps (first, one after the last), from 0, of each part of a horizon."""
    edges = np.unique(np.linspace(0, horizon, min(BUCKETS, horizon) + 1).round().astype(int))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def bucket_name(first: int, stop: int) -> str:
    """As a reader counts: from 1."""
    return str(stop) if stop == first + 1 else f"{first + 1}-{stop}"


def forecast_frame(
    answers: NDArray[np.float64],
    truth: NDArray[np.float64],
    levels: Sequence[float],
    weight: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Answers [N, H, Q] and truth [N, H], NaN where it is missing, as a frame with a line an example.

    Columns: `truth` and `prediction`, the means of truth and median over the steps that are known; `weight`; `.truth`
    and `.answer`, the arrays; and for each bucket b of the horizon sums over its known steps, `.steps@b` (how many),
    `.absolute@b` and `.square@b` (of truth minus median), `.size@b` (of |truth|), `.pinball@b` (twice the quantile
    loss, averaged over levels), `.held@b` (how many lie between the lowest and the highest quantile).
    """
    import pandas as pd

    known = np.isfinite(truth)
    wanted = np.where(known, truth, 0.0)
    median = answers[:, :, list(levels).index(0.5)]
    error = np.where(known, wanted - median, 0.0)
    pinball = np.zeros(truth.shape)
    for at, level in enumerate(levels):
        off = np.where(known, wanted - answers[:, :, at], 0.0)
        pinball += 2 * np.maximum(level * off, (level - 1) * off) / len(levels)
    inside = known & (truth >= answers[:, :, 0] - 1e-9) & (truth <= answers[:, :, -1] + 1e-9)
    parts = {
        "steps": known.astype(np.float64),
        "absolute": np.abs(error),
        "square": error**2,
        "size": np.abs(wanted),
        "pinball": pinball,
        "held": inside.astype(np.float64),
    }
    count = np.maximum(known.sum(axis=1), 1)
    missing = np.where(known.any(axis=1), 0.0, np.nan)
    on_known = np.where(known, median, 0.0).sum(axis=1) / count
    columns: dict[str, object] = {
        "truth": wanted.sum(axis=1) / count + missing,
        "prediction": np.where(known.any(axis=1), on_known, median.mean(axis=1)),
        "weight": np.ones(len(answers)) if weight is None else np.asarray(weight, np.float64),
        TRUTH: _objects(truth),
        ANSWER: _objects(answers),
    }  # fmt: skip
    for first, stop in buckets(truth.shape[1]):
        name = bucket_name(first, stop)
        columns |= {f".{key}@{name}": each[:, first:stop].sum(axis=1) for key, each in parts.items()}
    return pd.DataFrame(columns)


def _objects(values: NDArray[np.float64]) -> NDArray[np.object_]:
    """[N] the arrays of each example."""
    found = np.empty(len(values), object)
    for at in range(len(values)):
        found[at] = values[at]
    return found


def forecast_lines(
    frame: pd.DataFrame, windows: Windows, ahead: Ahead, levels: Sequence[float], most: int | None
) -> Lines:
    """A line a step: truth, prediction (the median), weight, `step` from 1, `time` (seconds), `series` and the
    quantiles under their names; other columns of the frame are those of the example."""
    import pandas as pd

    from vertikit.outcome import Lines
    from vertikit.outcome.forecast import quantile_name

    horizon = ahead.horizon
    which = np.arange(len(frame))
    if most is not None and len(frame) * horizon > most:
        which = np.unique(np.linspace(0, len(frame) - 1, max(1, most // horizon)).round().astype(np.int64))
    chosen = frame.iloc[which]
    empty = np.empty((0, horizon, len(levels)))
    answers = np.stack(chosen[ANSWER].tolist()) if len(chosen) else empty
    truth = np.stack(chosen[TRUTH].tolist()) if len(chosen) else empty[:, :, 0]
    steps = np.tile(np.arange(1, horizon + 1), len(which))
    time = ahead.stamps[windows.stop[which][:, None] + np.arange(horizon)].reshape(-1)
    series = np.repeat(ahead.series[which], horizon)
    columns: dict[str, object] = {
        "truth": truth.reshape(-1),
        "prediction": answers[:, :, list(levels).index(0.5)].reshape(-1),
        "weight": np.repeat(chosen["weight"].to_numpy(), horizon),
        "step": steps,
        "time": time,
        "series": series,
    }
    columns |= {quantile_name(level): answers[:, :, at].reshape(-1) for at, level in enumerate(levels)}
    taken = {*columns, TRUTH, ANSWER}
    for name in frame.columns:
        if name not in taken and "@" not in str(name):
            columns[str(name)] = np.repeat(chosen[name].to_numpy(), horizon)
    beside = {"series": series, "time": (time * 1e6).astype("datetime64[us]"), "step": steps}
    return Lines(pd.DataFrame(columns), np.repeat(which, horizon), beside)
