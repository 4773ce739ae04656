"""A target that follows in its own series: answers are quantiles of each of the next steps.

An answer [H x Q] has, step by step, the quantiles at the outcome's levels. One that says no more than a number a step
is [H + 1]: the numbers, and the deviation of the series in training, by which errors of several series are told
together.
"""

# ruff: noqa: ARG002 - what matters for classes alone is not read here
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.outcome.choosing import build
from vertikit.outcome.forecast_frame import forecast_frame, forecast_lines

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.evaluate.blending import LinearPool
    from vertikit.evaluate.calibration import AsItIs
    from vertikit.evaluate.step_errors import StepErrors
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Lines
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry
    from vertikit.windows import Ahead, Windows


@dataclass(frozen=True)
class SeriesScale:
    """What a series was like in training.

    Args:
        mean, deviation: of its numbers.
        error: the mean absolute error there of repeating the season before, which MASE divides by (Hyndman and Koehler
            2006, International Journal of Forecasting 22:679-688); NaN where that is 0 or not known.
    """

    mean: float
    deviation: float
    error: float


@dataclass(frozen=True)
class Forecast:
    """The next steps of series.

    Args:
        levels: of the quantiles, rising, 0.5 among them.
        horizon: H. season: steps after which the course repeats.
        minimum, maximum: what no answer goes beyond.
        series: name -> scale; of one that training had not, the scale is what it usually is.
    """

    levels: tuple[float, ...] = (0.5,)
    horizon: int = 1
    season: int = 1
    minimum: float | None = None
    maximum: float | None = None
    series: Mapping[str, SeriesScale] = field(default_factory=dict)
    kind: str = "forecast"
    labels: tuple[str, ...] = ()
    scale: None = None

    @classmethod
    def read(cls, saved: Mapping[str, Any]) -> Forecast:
        """What `manifest` gave."""
        series = {
            str(name): SeriesScale(*(np.nan if each[key] is None else float(each[key]) for key in _SCALE))
            for name, each in saved["series"].items()
        }
        levels = tuple(float(each) for each in saved["levels"])
        ends = saved["minimum"], saved["maximum"]
        return cls(levels, int(saved["horizon"]), int(saved["season"]), *ends, series=series)

    def manifest(self) -> dict[str, Any]:
        found = {
            name: {key: value if np.isfinite(value) else None for key, value in asdict(each).items()}
            for name, each in self.series.items()
        }
        return {
            "kind": self.kind,
            "levels": list(self.levels),
            "horizon": self.horizon,
            "season": self.season,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "series": found,
        }

    # --- preparing -------------------------------------------------------------------------------

    def truth(self, examples: Examples, name: str) -> NDArray[Any]:
        """[N, H] the readings that follow, NaN where they are missing."""
        windows, ahead = _windows(examples)
        return windows.following(ahead.target, ahead.horizon)

    def strata(self, truth: NDArray[Any]) -> NDArray[np.object_]:
        """One: there is nothing to keep in proportion."""
        return np.full(len(truth), "steps", object)

    def learns(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """All."""
        return np.ones(len(truth), bool)

    def check(self, target: Column, file_column: str, truth: NDArray[Any]) -> None:
        known = truth[np.isfinite(truth)]
        if len(known) and np.ptp(known) == 0:
            raise VertikitError(
                f"column {file_column!r} holds one number in all that is to be foretold.",
                "Give rows that differ: there is nothing to foretell.",
            )

    def conflicting(self, codes: Indices, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """None."""
        return np.zeros(len(truth), bool)

    def unusable(
        self, target: Column, truth: NDArray[Any], codes: Indices, uses: NDArray[np.int8], cleaning: Cleaning
    ) -> Reasons:
        """None: origins with too little were left out when they were made."""
        return {}

    def learnt(
        self, folds: Sequence[Fold], truth: NDArray[Any], target: Column, examples: Examples | None = None
    ) -> Forecast:
        """With the scale of each series, from all readings that training rows touch."""
        assert examples is not None
        _, ahead = _windows(examples)
        train = np.unique(np.concatenate([fold.train for fold in folds]))
        found = series_scales(examples.take(train))
        return replace(self, horizon=ahead.horizon, season=ahead.season, series=found)

    def notes(self, target: Column, folds: Sequence[Fold], truth: NDArray[Any]) -> Iterator[str]:
        """None."""
        return iter(())

    def lines_of_parts(self, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        """How the numbers of each part lie."""
        for name, truth in parts.items():
            known = truth[np.isfinite(truth)]
            if len(known):
                low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
                yield f"  {name}: median {middle:.4g}, eight in ten from {low:.4g} to {high:.4g}"

    def lines(self, target: Column, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        interval = f"{self.levels[-1] - self.levels[0]:.0%}"
        yield (
            f"{target.name}: the next {self.horizon} steps, at {len(self.levels)} levels of quantiles"
            + (f" (an interval of {interval})" if len(self.levels) > 1 else "")
        )
        if not target.private:
            yield from self.lines_of_parts(parts)

    # --- adapting --------------------------------------------------------------------------------

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        wrong = f"head {name!r} does not foretell steps, and {target} is a forecast."
        return build(name, registry, "forecast", wrong, width=width, forecast=self, **options)

    def usable(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """Examples with a step that is known."""
        table = np.asarray(truth, np.float64).reshape(len(truth), -1)
        return np.asarray(np.isfinite(table).any(axis=1), bool)

    def weights(self, truth: NDArray[Any], learn: Indices, balanced: bool) -> NDArray[np.float32]:
        if balanced:
            raise UsageError(
                "the recipe is wrong at class_weights: the target is a forecast here, and has no classes.",
                "Leave it out: --set class_weights=none",
            )
        return np.ones(len(truth), dtype=np.float32)

    def tried(self) -> list[Any]:
        return list(self._steps())

    # --- answering -------------------------------------------------------------------------------

    def answers(self, head: Head, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, H x Q], or [N, H + 1] of a head that gives a number a step."""
        found = np.asarray(head.forecasts(raw), np.float64)
        points = found.shape[1] == self.horizon + 1 and len(self.levels) > 1
        return np.column_stack([self._within(found[:, :-1]), found[:, -1]]) if points else self._within(found)

    def baseline(self, make: Callable[[], Baseline]) -> Baseline:
        return make()

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> NDArray[np.float64]:
        """[N, H x Q]."""
        if not hasattr(baseline, "forecasts"):
            raise UsageError(
                f"baseline {name!r} foretells no steps, and the target is a forecast here.",
                "Leave it out of the recipe's baselines.",
            )
        found = np.asarray(baseline.forecasts(examples), np.float64)
        return self._within(found.reshape(len(examples), -1))

    def encoded(self, truth: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(truth, np.float64)

    def given(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        return np.repeat(np.asarray(truth, np.float64), len(self.levels), axis=1)

    def lowest(self) -> NDArray[np.float64]:
        """The least number at every step."""
        return np.full(self.horizon * len(self.levels), self.minimum or 0.0)

    def usual(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """The quantiles of each step."""
        found = np.nanquantile(np.asarray(truth, np.float64), self.levels, axis=0)
        return np.asarray(found.T.reshape(-1))

    def calibration(self) -> AsItIs:
        from vertikit.evaluate.calibration import AsItIs

        return AsItIs()

    def pool(self) -> LinearPool:
        raise UsageError(
            "quantiles of a forecast cannot be blended with a baseline's, so far.", "Leave out blend."
        )

    def certainty(self) -> StepErrors:
        from vertikit.evaluate.step_errors import StepErrors

        return StepErrors(self.horizon, self.levels, self.minimum, self.maximum)

    # --- judging ---------------------------------------------------------------------------------

    def frame(
        self,
        answers: NDArray[np.float64],
        truth: NDArray[Any] | Sequence[Any] | None,
        weight: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """See `forecast_frame`; VertikitError for answers that are not numbers."""
        table = np.asarray(answers, np.float64)
        bad = int((~np.isfinite(table).all(axis=1)).sum())
        if bad:
            raise VertikitError(
                f"{bad:,} of {len(table):,} predictions are not numbers: training has diverged.",
                "Train again with a lower optimiser.rate.",
            )
        shape = (len(table), self.horizon, len(self.levels))
        if table.shape[1] == self.horizon + 1 and len(self.levels) > 1:
            table = np.repeat(table[:, :-1], len(self.levels), axis=1)  # a point, at every level
        known = (
            np.full(shape[:2], np.nan) if truth is None else np.asarray(truth, np.float64).reshape(shape[:2])
        )
        return forecast_frame(table.reshape(shape), known, self.levels, weight)

    def flawless(self) -> pd.DataFrame:
        truth = self._steps()
        return self.frame(self.given(truth), truth)

    def listed(self, frame: pd.DataFrame, examples: Examples, most: int | None = None) -> Lines:
        windows, ahead = _windows(examples)
        return forecast_lines(frame, windows, ahead, self.levels, most)

    def unjudged(self, frame: pd.DataFrame) -> str:
        """A metric says for itself what it lacks."""
        return ""

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        from vertikit.evaluate.horizon_curves import by_step, some_forecasts

        return {"horizon": by_step(frame, self.levels), "forecasts": some_forecasts(frame, self.levels)}

    def risk(self, frame: pd.DataFrame, answered: NDArray[np.bool_]) -> dict[str, Any]:
        """The mean absolute error of the steps that are decided."""
        error = np.abs((frame["prediction"] - frame["truth"]).to_numpy())[answered]
        error = error[np.isfinite(error)]
        empty: dict[str, list[float]] = {"coverage": [], "risk": []}
        return {
            "risk_kind": "mae",
            "risk": float(error.mean()) if len(error) else None,
            "curve": empty,
        }

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """Of lines (`listed`): the median, and the quantiles as `<target>.q10`."""
        found: dict[str, NDArray[Any]] = {target: frame["prediction"].to_numpy()}
        if len(self.levels) > 1:
            found |= {f"{target}.{name}": frame[name].to_numpy() for name in map(quantile_name, self.levels)}
        return found

    def _steps(self) -> NDArray[np.float64]:
        """Two truths, near the scale of a series."""
        scale = next(iter(self.series.values()), SeriesScale(0.0, 1.0, 1.0))
        course = np.linspace(-1, 1, self.horizon) if self.horizon > 1 else np.ones(1)
        return scale.mean + scale.deviation * np.stack([course, -course])

    def _within(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(
            answers,
            -np.inf if self.minimum is None else self.minimum,
            np.inf if self.maximum is None else self.maximum,
        )


_SCALE = ("mean", "deviation", "error")


def quantile_name(level: float) -> str:
    """`q05` for 0.05, `q10` for 0.1, `q97.5` for 0.975."""
    per_cent = f"{level * 100:g}"
    return f"q{per_cent.zfill(2)}"


def series_scales(examples: Examples) -> dict[str, SeriesScale]:
    """The scale of each series, from the readings that these examples touch, those that they foretell too."""
    return series_scales_of(_windows(examples)[0])


def series_scales_of(windows: Windows) -> dict[str, SeriesScale]:
    """The same, of the windows of these examples."""
    ahead = windows.ahead
    assert ahead is not None
    touched = windows.touched(ahead=True)
    column = np.asarray(windows.readings[:, windows.names.index(ahead.target)])
    column = np.where(touched, column, np.nan)
    found = {}
    for name in dict.fromkeys(ahead.series.tolist()):
        own = ahead.series == name
        begin, end = int(ahead.begin[own][0]), int(windows.reach[own].max())
        found[str(name)] = _scale(column[begin:end], ahead.season)
    return found


def _scale(numbers: NDArray[np.float64], season: int) -> SeriesScale:
    known = numbers[np.isfinite(numbers)]
    apart = np.abs(numbers[season:] - numbers[:-season])
    apart = apart[np.isfinite(apart)]
    error = float(apart.mean()) if len(apart) else 0.0
    deviation = float(known.std()) if len(known) else 0.0
    mean = float(known.mean()) if len(known) else 0.0
    return SeriesScale(mean, deviation if deviation > 0 else 1.0, error if error > 0 else float("nan"))


def _windows(examples: Examples) -> tuple[Windows, Ahead]:
    windows = examples.windows
    if windows is None or windows.ahead is None:
        raise VertikitError(
            "the target is a forecast, and these examples have no readings that follow.",
            "Give rows of series with their times.",
        )
    return windows, windows.ahead
