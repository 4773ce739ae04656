"""Forecasts by rule: what they say, how sure they are, and that they look at the past alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.core.forecasting.series import TASK
from vertikit.examples import Examples
from vertikit.prepare.prepared import Prepared
from vertikit_plugins.baselines.last_readings import Drift, RepeatLast, SeasonalNaive, WeeklyNaive
from vertikit_plugins.baselines.smoothing import ExponentialSmoothing

ALL = (RepeatLast, Drift, SeasonalNaive, WeeklyNaive, ExponentialSmoothing)


def built(kind: type[Any], data: Prepared) -> Any:
    found = kind((), 0, TASK.columns)
    fold, truth = data.folds[0], data.outcome.truth(data.examples, "load")
    empty = fold.valid[:0]
    found.fit(data.examples.take(fold.train), truth[fold.train], data.examples.take(empty), truth[empty])
    return found


def judged_part(data: Prepared) -> Examples:
    return data.examples.take(data.folds[0].tests["test"])


def column(examples: Examples) -> np.ndarray:
    assert examples.windows is not None
    return np.asarray(examples.windows.readings[:, 0])


def test_repeat_last_and_drift_carry_the_context_on(two: Prepared) -> None:
    part = judged_part(two)
    assert part.windows is not None
    windows, numbers = part.windows, column(part)
    first, last = numbers[windows.start], numbers[windows.stop - 1]
    middle = 4
    assert np.allclose(built(RepeatLast, two).forecasts(part)[:, :, middle], last[:, None])
    drift = built(Drift, two).forecasts(part)[:, :, middle]
    assert np.allclose(drift[:, 0], last + (last - first) / 47)


def test_seasonal_naive_is_what_was_a_day_before(two: Prepared) -> None:
    part = judged_part(two)
    assert part.windows is not None
    found = built(SeasonalNaive, two).forecasts(part)[:, :, 4]
    wanted = column(part)[part.windows.stop[:, None] + np.arange(12) - 24]
    assert np.allclose(found, wanted)
    weekly = built(WeeklyNaive, two).forecasts(part)[:, :, 4]
    assert np.allclose(weekly, column(part)[part.windows.stop[:, None] + np.arange(12) - 24 * 7])


def test_smoothing_learns_the_season(two: Prepared) -> None:
    part = judged_part(two)
    truth = two.outcome.truth(part, "load")
    error = {
        kind: np.nanmean(np.abs(built(kind, two).forecasts(part)[:, :, 4] - truth))
        for kind in (ExponentialSmoothing, RepeatLast, SeasonalNaive)
    }
    assert error[ExponentialSmoothing] < error[SeasonalNaive] < error[RepeatLast]


@pytest.mark.parametrize("kind", ALL)
def test_intervals_hold_about_as_often_as_they_should(kind: type[Any], two: Prepared) -> None:
    part = judged_part(two)
    found, truth = built(kind, two).forecasts(part), two.outcome.truth(part, "load")
    assert (np.diff(found, axis=2) >= -1e-9).all()
    held = (truth >= found[:, :, 0]) & (truth <= found[:, :, -1])
    assert 0.65 < held[np.isfinite(truth)].mean() < 0.95


@pytest.mark.parametrize("kind", ALL)
def test_no_rule_looks_past_the_origin(kind: type[Any], two: Prepared) -> None:
    part = judged_part(two).take(np.array([3]))
    assert part.windows is not None
    readings = np.array(part.windows.readings)
    readings[part.windows.stop[0] :, 0] += 500
    later = replace(part, windows=replace(part.windows, readings=readings))
    rule = built(kind, two)
    assert np.array_equal(rule.forecasts(part), rule.forecasts(later))


@pytest.mark.parametrize("kind", ALL)
def test_a_rule_is_the_same_after_saving_and_learns_errors_of_other_rows(
    kind: type[Any], two: Prepared
) -> None:
    part, rule = judged_part(two), built(kind, two)
    again = kind((), 0, TASK.columns)
    again.load(rule.state())
    assert np.array_equal(again.forecasts(part), rule.forecasts(part))
    fold, truth = two.folds[0], two.outcome.truth(two.examples, "load")
    few = fold.train[:50]
    other = rule.refit(two.examples.take(few), truth[few])
    assert np.allclose(other.forecasts(part)[:, :, 4], rule.forecasts(part)[:, :, 4])
    assert not np.allclose(other.forecasts(part), rule.forecasts(part))
