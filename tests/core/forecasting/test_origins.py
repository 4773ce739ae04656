"""Rows become origins of forecasts: contexts, what follows, gaps, duplicates, long and wide tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.core.forecasting.series import TASK, meter, prepared, wide
from vertikit import UsageError, VertikitError
from vertikit.examples import Examples
from vertikit.windows import Ahead, Windows


def parts(examples: Examples) -> tuple[Windows, Ahead]:
    assert examples.windows is not None and examples.windows.ahead is not None
    return examples.windows, examples.windows.ahead


def test_an_example_holds_the_context_and_is_judged_by_what_follows(tmp_path: Path) -> None:
    rows = meter("a", 12, 10)
    found = prepared(rows, tmp_path)
    windows, ahead = parts(found.examples)
    truth = found.outcome.truth(found.examples, "load")
    column = np.asarray(windows.readings[:, 0])
    assert truth.shape == (len(found.examples), 12) and (windows.lengths == 48).all()
    assert np.array_equal(truth[5], rows["load"].to_numpy()[53:65])
    assert np.array_equal(column[windows.start[5] : windows.stop[5]], rows["load"].to_numpy()[5:53])
    assert ahead.season == 24 and ahead.step == 3600


def test_no_forecast_reads_into_the_next_series(tmp_path: Path) -> None:
    found = prepared(pd.concat([meter("a", 12, 10), meter("b", 12, 1000, seed=1)]), tmp_path)
    truth = found.outcome.truth(found.examples, "load")
    names = parts(found.examples)[1].series
    assert set(names) == {"a", "b"}
    assert truth[names == "a"].max() < 100 < truth[names == "b"].min()


def test_gaps_are_filled_as_missing_and_told(tmp_path: Path) -> None:
    rows = meter("a", 20, 10).drop(index=range(100, 104))
    found = prepared(rows, tmp_path)
    windows, _ = parts(found.examples)
    assert np.isnan(np.asarray(windows.readings)[100:104, 0]).all()
    assert any("4 of 480 steps have no row" in note for note in found.notes)
    truth = found.outcome.truth(found.examples, "load")
    assert np.isnan(truth).any() and np.isfinite(truth).any(axis=1).all()


def test_origins_with_too_much_missing_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = meter("a", 30, 10).drop(index=range(200, 260))
    found = prepared(rows, tmp_path, reshape={"most_missing": 0.25})
    told = [note for note in found.notes if note.startswith("origins:")]
    assert len(told) == 1 and "more than 25% of the context" in told[0] and "row " in told[0]
    windows, _ = parts(found.examples)
    known = np.isfinite(np.asarray(windows.readings)[:, 0])
    assert all(known[a:b].mean() >= 0.75 for a, b in zip(windows.start, windows.stop, strict=True))


def test_unsorted_rows_give_the_same_examples_and_are_told(tmp_path: Path) -> None:
    rows = meter("a", 12, 10)
    plain = prepared(rows, tmp_path)
    mixed = prepared(rows.sample(frac=1, random_state=3), tmp_path)
    first, again = (np.sort(each.outcome.truth(each.examples, "load"), axis=0) for each in (plain, mixed))
    assert np.array_equal(first, again)
    assert any("earlier time than the row of the series before it" in note for note in mixed.notes)


def test_of_two_rows_of_one_time_the_first_is_used_and_the_other_listed(tmp_path: Path) -> None:
    rows = meter("a", 12, 10)
    again = rows.iloc[[30]].assign(load=99_999.0)
    found = prepared(pd.concat([rows, again]), tmp_path)
    assert np.nanmax(np.asarray(parts(found.examples)[0].readings)[:, 0]) < 100
    assert [(bad.row, bad.reason) for bad in found.quarantine] == [
        (289, "its series has a row of the same time before it")
    ]


def test_a_column_a_series_is_the_long_table(tmp_path: Path) -> None:
    one, other = meter("a", 12, 10), meter("b", 12, 1000, seed=1)
    long = prepared(pd.concat([one, other]).drop(columns="temperature"), tmp_path)
    found = prepared(wide(one, other), tmp_path, mapping={"load": "*"})
    for name in ("a", "b"):
        first, again = (
            each.outcome.truth(each.examples, "load")[parts(each.examples)[1].series == name]
            for each in (long, found)
        )
        assert np.array_equal(first, again)
    assert found.columns["load"] == "*" and found.outcome == long.outcome


def test_a_column_of_words_is_no_series(tmp_path: Path) -> None:
    table = wide(meter("a", 12, 10)).assign(weather="rain")
    with pytest.raises(UsageError, match="'weather' is no series of numbers"):
        prepared(table, tmp_path, mapping={"load": "*"})


def test_times_without_a_frequency_are_refused_and_rows_may_be_steps(tmp_path: Path) -> None:
    rows = meter("a", 12, 10)
    random = np.random.default_rng(0)
    rows["time"] = (
        pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(random.integers(60, 9_000, len(rows))), "s")
    ).astype(str)
    with pytest.raises(UsageError, match="show no frequency"):
        prepared(rows, tmp_path)
    found = prepared(rows, tmp_path, reshape={"frequency": "rows"})
    assert parts(found.examples)[1].step == 0


def test_days_without_weekends_are_steps_of_rows_and_go_on_without_weekends(tmp_path: Path) -> None:
    time = pd.bdate_range("2023-01-02", periods=300)
    rows = pd.DataFrame({"time": time.astype(str), "load": np.arange(300) % 7 + 1.0})
    found = prepared(rows, tmp_path, reshape={"context": 20, "horizon": 5})
    _, ahead = parts(found.examples)
    assert ahead.step == 0 and ahead.season == 5
    days = pd.to_datetime(ahead.stamps, unit="s")
    assert (days.dayofweek < 5).all() and days[-1] > time[-1]
    assert any("days without weekends" in note for note in found.notes)


def test_months_go_on_as_the_calendar_does(tmp_path: Path) -> None:
    time = pd.date_range("2000-01-31", periods=200, freq="ME")
    rows = pd.DataFrame({"time": time.astype(str), "load": np.arange(200) % 12 + 1.0})
    found = prepared(rows, tmp_path, reshape={"context": 24, "horizon": 3})
    _, ahead = parts(found.examples)
    assert ahead.season == 12
    last = pd.to_datetime(ahead.stamps[-3:], unit="s").strftime("%Y-%m").tolist()
    assert last == ["2016-09", "2016-10", "2016-11"]


def test_stamps_beside_the_grid_are_taken_for_the_next_step(tmp_path: Path) -> None:
    rows = meter("a", 12, 10)
    rows.loc[50, "time"] = "2024-01-03 02:04:00"
    found = prepared(rows, tmp_path)
    assert any("1 row beside the grid of 60 min" in note for note in found.notes)
    assert np.asarray(parts(found.examples)[0].readings)[50, 0] == rows["load"][50]


def test_a_wrong_frequency_does_not_make_a_grid_larger_than_memory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="State how far apart two steps are"):
        prepared(meter("a", 12, 10), tmp_path, reshape={"frequency": "1s"})


def test_a_series_too_short_is_listed_and_the_others_are_used(tmp_path: Path) -> None:
    found = prepared(pd.concat([meter("a", 20, 10), meter("b", 2, 10)]), tmp_path)
    assert [bad.row for bad in found.quarantine] == [528]
    assert "its series has 48 steps up to the last number" in found.quarantine[0].reason


def test_where_no_series_is_long_enough_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(VertikitError, match="the longest series has 48 steps"):
        prepared(meter("a", 2, 10), tmp_path)


@pytest.mark.parametrize(
    ("reshape", "what"),
    [
        ({"horizon": None}, "how far ahead is to be foretold is not said"),
        ({"window": 24}, "a forecast has a context and a horizon"),
        ({"known_ahead": ["temprature"]}, "has no column of numbers 'temprature'"),
        ({"horizon": "90min"}, "is no whole number of steps"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(tmp_path: Path, reshape: dict[str, object], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        prepared(meter("a", 12, 10), tmp_path, reshape=reshape)


def test_without_times_there_is_no_forecast(tmp_path: Path) -> None:
    task = TASK.__class__(**{**vars(TASK), "columns": TASK.columns[1:]})
    with pytest.raises(UsageError, match="needs the time of each row"):
        prepared(meter("a", 12, 10).drop(columns="time"), tmp_path, task=task)


def test_scales_are_learnt_from_training_rows_alone(tmp_path: Path) -> None:
    rows = meter("a", 40, 10)
    later = rows.copy()
    later.loc[later.index[-100:], "load"] *= 50
    first, again = (prepared(each, tmp_path).outcome.series["a"] for each in (rows, later))  # type: ignore[attr-defined]
    assert first == again
