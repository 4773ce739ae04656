"""The synthetic readings: as awkward as they are said to be, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vertikit_manufacturing.samples.fault import SOUND, write, write_kinds
from vertikit_manufacturing.samples.machines import KINDS, SENSORS


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "readings.csv"
    write(path, rows=30_000, seed=0)
    return pd.read_csv(path, parse_dates=["time"])


def test_the_same_seed_gives_the_same_file(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / name, rows=2_000, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_faults_are_rare_and_every_machine_is_read_for_months(readings):
    assert 0.003 < readings["fault"].mean() < 0.05
    lives = readings.groupby("unit")["time"].agg(lambda each: each.max() - each.min())
    assert (lives > pd.Timedelta("80d")).all()


def test_sensors_are_stuck_and_silent_rows_are_lost_and_clocks_jump(readings):
    by_unit = readings.groupby("unit", sort=False)
    still = (by_unit[list(SENSORS)].diff() == 0).rolling(50).sum().max()
    assert (still == 50).any()
    assert (readings[list(SENSORS)].isna().mean() > 0.001).all()
    steps = by_unit["time"].diff().dropna()
    assert (steps > pd.Timedelta("8h")).any()
    assert (steps < pd.Timedelta(0)).any()


def test_no_single_reading_tells_that_a_fault_comes(readings):
    """Of the day before a fault: the best single sensor is far from knowing it."""
    from sklearn.metrics import roc_auc_score

    coming = readings.groupby("unit")["fault"].transform(
        lambda each: each[::-1].rolling(24, min_periods=1).max()[::-1]
    )
    sound = readings["fault"] == 0
    best = 0.0
    for name in SENSORS:
        known = sound & readings[name].notna()
        auc = roc_auc_score(coming[known], readings.loc[known, name])
        best = max(best, auc, 1 - auc)
    assert 0.5 < best < 0.9


def test_kinds_are_those_that_are_said_and_unequal_in_number(tmp_path):
    write_kinds(tmp_path / "kinds.csv", rows=60_000, seed=0)
    kinds = pd.read_csv(tmp_path / "kinds.csv")["kind"]
    counts = kinds.value_counts()
    assert set(counts.index) <= {SOUND, *KINDS}
    assert counts.index[0] == SOUND
    assert kinds.isna().any()
    assert np.ptp(counts.drop(SOUND)) > 0
