"""Metrics of forecasts beside figures computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vertikit import VertikitError
from vertikit.contracts import MetricContext
from vertikit.outcome.forecast import Forecast, SeriesScale
from vertikit_plugins.metrics import forecasts

LEVELS = (0.1, 0.5, 0.9)
SERIES = {"a": SeriesScale(5.0, 2.0, 1.0), "b": SeriesScale(500.0, 200.0, 100.0)}
OUTCOME = Forecast(levels=LEVELS, horizon=4, season=2, series=SERIES)
CONTEXT = MetricContext((), series=SERIES)


def frame(answers: Any, truth: Any, names: list[str]) -> pd.DataFrame:
    table = np.asarray(answers, np.float64).reshape(len(names), -1)
    return OUTCOME.frame(table, np.asarray(truth, np.float64)).assign(
        **{forecasts.SERIES: pd.Categorical(names)}
    )


@pytest.fixture
def judged() -> pd.DataFrame:
    """Two forecasts: of a, off by 1, 2, 3 and an unknown step; of b, off by 100 at every step."""
    middle = np.array([[5.0, 5.0, 5.0, 5.0], [500.0, 500.0, 500.0, 500.0]])
    wide = np.array([[2.0], [50.0]])
    answers = np.stack([middle - wide, middle, middle + wide], axis=2)
    truth = np.array([[6.0, 7.0, 8.0, np.nan], [600.0, 400.0, 600.0, 400.0]])
    return frame(answers, truth, ["a", "b"])


def test_mase_divides_by_the_error_of_each_series_in_training(judged: pd.DataFrame) -> None:
    assert forecasts.mase(judged, CONTEXT) == pytest.approx(((1 + 2 + 3) / 3 / 1.0 + 100 / 100.0) / 2)
    assert forecasts.mase(judged, CONTEXT, "1") == pytest.approx((1.0 + 1.0) / 2)


def test_wql_is_twice_the_quantile_loss_over_the_sum_of_truth(judged: pd.DataFrame) -> None:
    def loss(truth: float, quantile: float, level: float) -> float:
        return 2 * max(level * (truth - quantile), (level - 1) * (truth - quantile))

    total = 0.0
    for truth, low, middle, high in (
        *((t, 3.0, 5.0, 7.0) for t in (6.0, 7.0, 8.0)),
        *((t, 450.0, 500.0, 550.0) for t in (600.0, 400.0, 600.0, 400.0)),
    ):
        total += sum(
            loss(truth, each, level) for each, level in zip((low, middle, high), LEVELS, strict=True)
        )
    assert forecasts.wql(judged, CONTEXT) == pytest.approx(total / 3 / (21 + 2000))


def test_coverage_counts_the_known_steps(judged: pd.DataFrame) -> None:
    assert forecasts.coverage(judged, CONTEXT) == pytest.approx(2 / 7)


def test_squared_and_absolute_errors_are_of_series_standardised_by_training(judged: pd.DataFrame) -> None:
    assert forecasts.standardised_mse(judged, CONTEXT) == pytest.approx((14 / 4 + 4 * 0.25) / 7)
    assert forecasts.standardised_mae(judged, CONTEXT) == pytest.approx((6 / 2 + 4 * 0.5) / 7)


def test_by_horizon_gives_each_measure_for_each_part(judged: pd.DataFrame) -> None:
    found = forecasts.by_horizon(judged, CONTEXT)
    assert {"mase.1", "wql.2", "interval_coverage.3", "standardised_mse.4"} <= set(found)
    assert found["interval_coverage.3"] == 0.0 and found["interval_coverage.1"] == 0.5


def test_a_flawless_forecast_has_no_error() -> None:
    found = OUTCOME.flawless().assign(**{forecasts.SERIES: pd.Categorical(["a", "a"])})
    assert forecasts.mase(found, CONTEXT) == forecasts.wql(found, CONTEXT) == 0.0


def test_a_series_that_training_had_not_is_judged_by_what_is_usual(judged: pd.DataFrame) -> None:
    new = judged.assign(**{forecasts.SERIES: pd.Categorical(["new", "b"])})
    usual = (1.0 + 100.0) / 2
    assert forecasts.mase(new, CONTEXT) == pytest.approx((2 / usual + 1) / 2)


def test_a_series_that_never_moved_in_training_has_no_mase(judged: pd.DataFrame) -> None:
    still = {"a": SeriesScale(5.0, 1.0, math.nan), "b": SERIES["b"]}
    assert forecasts.mase(judged, MetricContext((), series=still)) == pytest.approx(1.0)


def test_a_target_that_is_no_forecast_is_said_to_be_none() -> None:
    with pytest.raises(VertikitError, match="judges forecasts"):
        forecasts.wql(pd.DataFrame({"truth": ["a"], "prediction": ["a"]}), MetricContext(("a",)))
