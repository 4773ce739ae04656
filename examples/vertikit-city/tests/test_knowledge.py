"""What the city knows beside the data: the calendar, the weather, and what a shortage costs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from vertikit_city.calendar import Calendar
from vertikit_city.capacity import PlanCapacity
from vertikit_city.demand import TASK
from vertikit_city.weather import Weather

from vertikit import UsageError


def at(times: list[str], readings: Any = None, names: tuple[str, ...] = (), horizon: int = 2) -> Any:
    """Examples of a forecast whose readings are of these times."""
    stamps = pd.to_datetime(times).to_numpy().astype("datetime64[s]").astype(float)
    ahead = SimpleNamespace(stamps=stamps, horizon=horizon)
    values = np.zeros((len(stamps), 1)) if readings is None else np.asarray(readings, float)[:, None]
    return SimpleNamespace(windows=SimpleNamespace(ahead=ahead, readings=values, names=names))


def test_a_holiday_is_free_and_stands_where_a_sunday_does_in_the_week() -> None:
    days = ["2024-12-22 10:00", "2024-12-24 10:00", "2024-12-25 10:00"]  # Sunday, Tuesday, Wednesday
    found = Calendar().features(at(days), None)
    assert found["calendar.free"].tolist() == [1.0, 0.0, 1.0]
    assert found["calendar.free-tomorrow"].tolist() == [0.0, 1.0, 0.0]
    week = found["calendar.week-1-sin"]
    assert week[2] == pytest.approx(week[0]) and week[1] != pytest.approx(week[0])
    plain = Calendar(holidays="none", further=["2024-12-24"]).features(at(days), None)
    assert plain["calendar.free"].tolist() == [1.0, 1.0, 0.0]


def test_the_calendar_gives_every_column_that_it_promises_and_refuses_what_is_no_day() -> None:
    calendar = Calendar()
    assert calendar.begin(TASK, ()) == ""
    found = calendar.features(at(["2024-12-22 10:00"]), None)
    assert list(found) == [column.name for column in calendar.columns()]
    with pytest.raises(UsageError, match="are no days"):
        Calendar(further=["Christmas"])


def test_weather_of_a_step_is_that_of_a_horizon_before_unless_it_was_forecast() -> None:
    times = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00", "2024-01-01 03:00"]
    seen = at(times, [10.0, 20.0, 30.0, 40.0], ("temperature",))
    found = Weather().features(seen, None)
    assert np.isnan(found["weather.temperature"][:2]).all()
    assert found["weather.heating"][2:].tolist() == [8.0, 0.0]
    known = Weather(forecast=True).features(seen, None)
    assert known["weather.cooling"].tolist() == [0.0, 0.0, 8.0, 18.0]


def test_weather_of_another_series_is_not_taken_for_its_own() -> None:
    times = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 00:00", "2024-01-01 01:00"]
    found = Weather().features(at(times, [1, 2, 3, 4], ("temperature",), horizon=1), None)
    assert np.isnan(found["weather.temperature"]).tolist() == [True, False, True, False]


def test_without_a_temperature_the_weather_says_why_it_is_silent() -> None:
    assert "no column 'temperature'" in Weather().begin(TASK, ("demand",))


def steps(truth: Any, spread: float = 10.0) -> pd.DataFrame:
    middle = np.full(len(truth), 100.0)
    columns = {f"q{each}0": middle + (each - 5) * spread for each in range(1, 10)}
    return pd.DataFrame({"truth": truth, "prediction": middle, "step": range(1, len(truth) + 1), **columns})


def test_capacity_is_the_quantile_at_which_one_more_unit_costs_what_it_saves() -> None:
    frame = steps([100.0, 150.0])
    policy = PlanCapacity(shortage=3, idle=1, unit="vans")
    assert policy.decide(frame, ())["decision"].tolist() == ["plan 125 vans"] * 2  # the quantile at 0.75
    policy.fit(frame, ())
    assert "met demand in 50%" in policy.describe()
    account = policy.account(frame, policy.decide(frame, ()))
    assert account["demand met"] == 0.5
    assert account["cost a step"] == pytest.approx((25 * 1 + 25 * 3) / 2)
    assert account["cost a step, were the middle planned"] == pytest.approx((0 + 50 * 3) / 2)


def test_a_plan_beyond_what_is_foretold_says_so() -> None:
    found = PlanCapacity(shortage=99, idle=1).decide(steps([1.0]), ())
    assert found["decision"][0] == "plan 140 units" and "outermost that is foretold" in found["reason"][0]


def test_costs_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match="not both above 0"):
        PlanCapacity(shortage=0)
