"""manufacturing/fault from the sample to predictions, on a small sample of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit_manufacturing.samples.fault import write
from vertikit_manufacturing.samples.machines import SENSORS

QUICK = {
    "backbone": {"name": "tabm", "members": 2, "width": 16},
    "epochs": 3,
    "experts": [{"name": "signal", "sets": "statistics"}, "own-past"],
    "policy": {"name": "alarm-watch-run", "inspection": 1.0},
    "evaluation": {"bootstrap": 0},
    "reshape": {"window": "24h", "stride": "12h", "horizon": "48h"},
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    write(path, rows=24_000, seed=3)
    return path


@pytest.fixture(scope="module")
def run(readings, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "fault"
    return vertikit.train("manufacturing/fault", readings, output=output, progress=False, **QUICK)


def test_the_test_is_of_other_machines_and_later_and_the_trade_s_figures_are_there(run):
    metrics = run.metrics
    assert metrics["split"]["name"] == "group-time"
    assert "later than all it has learnt from" in metrics["verdict"]
    for name in ("average_precision", "f1", "false_alarm_rate", "missed_alarm_rate", "false_alarms_per_unit_month",
                 "lead_time", "faults_foreseen"):  # fmt: skip
        assert metrics["test"][name]["value"] is not None, name
        assert metrics["baselines"]["gradient-boosting"][name]["value"] is not None, name
    assert 0 < metrics["learnt"]["model"]["f1"] < 1


def test_prediction_gives_a_line_for_each_window_and_each_stretch_that_is_too_short(run, readings):
    table = pd.read_csv(readings, dtype=str)
    rows = table[table["unit"] == "P01"].drop(columns="fault").head(200)
    found = run.predict(rows)
    whole = found[found["error"].isna()]
    assert len(whole)
    assert whole["row"].is_monotonic_increasing
    assert set(whole["decision"]) <= {"alarm", "watch", "run"}
    first = whole["rows"].iloc[0]
    assert first.startswith("1-")
    assert first.endswith(str(whole["row"].iloc[0]))
    assert (found["fault"].isna() == found["error"].notna()).all()


def test_a_window_has_the_same_score_alone_and_in_company(run, readings):
    table = pd.read_csv(readings, dtype=str)
    rows = table[table["unit"] == "P02"].head(120)
    together = run.predict(rows)
    alone = run.predict(rows.head(24))
    assert alone["fault.p.fault"].iloc[0] == pytest.approx(together["fault.p.fault"].iloc[0], abs=1e-5)


def test_reasons_name_each_sensor_once(run, readings):
    table = pd.read_csv(readings, dtype=str).head(4000)
    found = run.predict(table)
    told = found[found["decision"].isin(["alarm", "watch"])]["reason"]
    assert len(told)
    named = [[name for part in each.split("; ")[2:] for name in SENSORS if name in part] for each in told]
    assert any(named)
    assert all(len(set(each)) == len(each) for each in named)


def test_evaluating_on_other_machines_uses_the_thresholds_of_training(run, readings, tmp_path):
    table = pd.read_csv(readings, dtype=str)
    table["unit"] = "other " + table["unit"]
    found = run.evaluate(table[table["unit"] < "other P04"], output=tmp_path / "judged")
    assert found["test"]["f1"]["value"] is not None
    assert (tmp_path / "judged" / "report.html").exists()


def test_rows_without_a_label_are_readings_all_the_same_when_it_is_judged(run, readings):
    table = pd.read_csv(readings, dtype=str)
    table = table[table["unit"] < "P04"]
    table["unit"] = "other " + table["unit"]
    whole = run.evaluate(table)
    sound = table.index[(table["fault"] == "0") & (table.groupby("unit").cumcount() % 7 == 3)]
    table.loc[sound, "fault"] = ""
    found = run.evaluate(table)
    assert found["rows"]["test"] < whole["rows"]["test"]  # what follows some windows is not known any more
    assert found["rows"]["quarantined"] == whole["rows"]["quarantined"]


def test_what_a_unit_showed_before_goes_on_in_a_file_and_a_file_given_twice_changes_nothing(
    run, readings, tmp_path
):
    table = pd.read_csv(readings, dtype=str)
    rows = table[table["unit"] == "P03"].drop(columns="fault").assign(unit="new").reset_index(drop=True)
    early, late = rows.head(480), rows.iloc[480:600]
    state = tmp_path / "machines.state"
    first = run.predict(early, state=state)
    again = run.predict(early, state=state)
    pd.testing.assert_frame_equal(first, again)
    known, alone = run.predict(late, state=state), run.predict(late)
    assert not np.allclose(known["fault.p.fault"].dropna(), alone["fault.p.fault"].dropna())
