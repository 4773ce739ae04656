"""City demand on its own sample: noisy counters with gaps, foretold, planned for, and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from vertikit_city.samples.demand import PLACES, write

import vertikit

LEVELS = [f"demand.q{each}0" for each in range(1, 10)]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "demand.csv"
    write(path, rows=3000, seed=1)
    return path


@pytest.fixture(scope="session")
def run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    return vertikit.train(
        "city/demand", str(sample), output=tmp_path_factory.mktemp("runs") / "demand", progress=False,
        reshape={"context": "7d", "horizon": "12h", "stride": 4}, epochs=3, evaluation={"bootstrap": 0},
        experts=["city-calendar", "city-weather"],
    )  # fmt: skip


def test_the_sample_has_gaps_and_doubles_and_the_declared_columns(sample: Path) -> None:
    table = pd.read_csv(sample)
    assert list(table.columns) == ["time", "place", "demand", "temperature"]
    assert set(table["place"]) == set(PLACES) and table["demand"].isna().any()
    assert table.duplicated(["time", "place"]).any()
    steps = pd.to_datetime(table["time"]).groupby(table["place"]).diff().dropna()
    assert (steps > pd.Timedelta("24h")).any()


def test_the_same_seed_gives_the_same_sample(sample: Path, tmp_path: Path) -> None:
    write(tmp_path / "again.csv", rows=3000, seed=1)
    assert (tmp_path / "again.csv").read_bytes() == sample.read_bytes()


def test_a_run_beats_the_last_reading_and_plans_every_step(run: vertikit.Run) -> None:
    found, baselines = run.metrics["test"], run.metrics["baselines"]
    assert found["mase"]["value"] < baselines["repeat-last"]["mase"]["value"]
    assert {"wql", "interval_coverage", "standardised_mse"} <= set(found)
    assert set(baselines) >= {"seasonal-naive", "weekly-naive", "exponential-smoothing"}
    account = run.metrics["policy"]["account"]
    assert 0.5 < account["demand met"] <= 1.0
    assert account["cost a step"] < account["cost a step, were the middle planned"]


def test_the_next_hours_of_each_place_are_foretold_after_its_last_count(
    run: vertikit.Run, sample: Path
) -> None:
    table = run.predict(str(sample))
    good = table[table["error"].isna()]
    assert good.groupby("series").size().to_dict() == dict.fromkeys(PLACES, 12)
    assert (np.diff(good[LEVELS].to_numpy(float), axis=1) >= -1e-9).all() and (good["demand"] >= 0).all()
    assert good["decision"].str.startswith("plan ").all()
    again = vertikit.load(run.folder).predict(str(sample))
    assert np.allclose(again[LEVELS].to_numpy(float), table[LEVELS].to_numpy(float), equal_nan=True)


def test_what_follows_does_not_change_what_was_foretold(run: vertikit.Run, sample: Path) -> None:
    table = pd.read_csv(sample)
    table = table[table["place"] == "market"].drop_duplicates("time")
    cut = table["time"].iloc[-30]
    before = run.predict(table[table["time"] <= cut])
    hidden = table.assign(demand=table["demand"].where(table["time"] <= cut))
    after = run.predict(hidden)
    assert np.allclose(before["demand"], after["demand"], rtol=1e-4)


def test_a_column_a_place_does_as_well(sample: Path, tmp_path: Path) -> None:
    table = pd.read_csv(sample).drop_duplicates(["time", "place"])
    wide = table.pivot(index="time", columns="place", values="demand").reset_index()
    found = vertikit.train(
        "city/demand", wide, map={"demand": "*"}, output=tmp_path / "wide", progress=False,
        reshape={"context": 48, "horizon": 6, "stride": 12}, epochs=1, evaluation={"bootstrap": 0}, baselines=[],
    )  # fmt: skip
    assert set(found.predict(wide)["series"].dropna()) == set(PLACES)


def test_a_table_that_is_no_series_is_told_so(tmp_path: Path) -> None:
    rows = [{"time": f"2024-01-{day:02d}", "demand": day} for day in range(1, 20)]
    with pytest.raises(vertikit.VertikitError, match="needed, and the longest series has 19 steps"):
        vertikit.train(
            "city/demand", rows, output=tmp_path / "no", progress=False, reshape={"horizon": 7, "context": 30}
        )
