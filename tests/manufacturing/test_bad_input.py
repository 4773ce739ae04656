"""What a plant's files have in store, each told in one line."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from vertikit import UsageError, VertikitError
from vertikit.prepare.prepared import Sources
from vertikit.prepare.preparing import prepare
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry

WINDOW = {"reshape": {"window": 10}}


def readings(units=8, hours=80, start=0, faults=True):
    """Hourly rows of some machines, each with a fault late in its life."""
    random = np.random.default_rng(start)
    begin = datetime(2025, 1, 1) + timedelta(hours=start)
    return pd.DataFrame(
        {
            "unit": np.repeat([f"m{at}" for at in range(units)], hours),
            "time": [(begin + timedelta(hours=at)).isoformat() for _ in range(units) for at in range(hours)],
            "load": random.normal(5, 1, units * hours).round(3),
            "heat": random.normal(50, 4, units * hours).round(3),
            "fault": np.tile(
                (np.arange(hours) % 40 >= 30).astype(int) if faults else np.zeros(hours, int), units
            ),
        }
    )


@pytest.fixture
def look(tmp_path):
    turn = iter(range(100))

    def look(data, *, tests=None, task="manufacturing/fault", **recipe):
        folder = tmp_path / f"work-{next(turn)}"
        folder.mkdir()
        known = registry()
        chosen = resolve_recipe(known.task(task), known, layers=[{**WINDOW, **recipe}])
        sources = Sources((data,), tests={} if tests is None else {"test": (tests,)})
        return prepare(known.task(task), sources, chosen, known, folder, lambda _: None)

    return look


def said(prepared, word):
    return [note for note in prepared.notes if word in note]


def test_sound_rows_give_nothing_to_say(look):
    prepared = look(readings())
    assert prepared.split == "group-time"
    assert [note.partition(":")[0] for note in prepared.notes] == ["windows"]
    assert prepared.quarantine == ()


def test_a_window_longer_than_any_machine_s_life_is_refused(look):
    with pytest.raises(
        VertikitError, match=r"no window of 100 rows fits: the longest stretch .* has 80 rows"
    ):
        look(readings(), reshape={"window": 100})


def test_a_window_longer_than_some_lives_leaves_these_out_and_says_so(look):
    table = readings()
    table = table[~((table["unit"] == "m0") & (table.groupby("unit").cumcount() >= 6))]
    prepared = look(table)
    assert said(prepared, "from 8 units, 1 of them without one")
    assert [bad.reason for bad in prepared.quarantine] == [
        "a stretch between gaps or ends, too short for a window of 10 rows (6 rows, from row 1)"
    ]


def test_a_stuck_sensor_and_runs_without_readings_are_told(look):
    table = readings()
    table.loc[100:155, "heat"] = 42.0
    table.loc[322:380, "load"] = np.nan
    prepared = look(table)
    assert said(prepared, "stuck") and "heat" in said(prepared, "stuck")[0]
    assert said(prepared, "silent") and "load" in said(prepared, "silent")[0]


def test_times_out_of_order_or_twice_and_gaps_are_told(look):
    table = readings()
    table.loc[5, "time"], table.loc[6, "time"] = table.loc[6, "time"], table.loc[5, "time"]
    table.loc[200, "time"] = table.loc[199, "time"]
    table = table.drop(index=range(420, 440))
    prepared = look(table)
    assert said(prepared, "earlier time")
    assert said(prepared, "with the time of another row of the same unit")
    assert said(prepared, "1 gap of more than 5 h, the longest 21 h")


def test_machines_that_are_read_at_different_rates_are_told(look):
    table = readings()
    slow = table["unit"].isin(["m0", "m1"])
    hours = table.groupby("unit").cumcount()
    table.loc[slow, "time"] = [
        (datetime(2025, 1, 1) + timedelta(hours=4 * at)).isoformat() for at in hours[slow]
    ]
    assert said(look(table), "different rates")


def test_a_machine_on_both_sides_of_given_parts_leaves_training(look):
    prepared = look(readings(), tests=readings(units=2, start=2000))
    assert prepared.leaks.groups_across == 2
    fold = prepared.folds[0]
    tested = set(prepared.examples.group[fold.tests["test"]])
    assert tested == {"m0", "m1"}
    assert not tested & set(prepared.examples.group[fold.train])


def test_a_part_without_a_fault_is_refused_by_name(look):
    quiet = readings(units=3, start=2000, faults=False)
    quiet["unit"] = "other " + quiet["unit"]
    with pytest.raises(VertikitError, match="the test part has no 'fault' among its 24 rows"):
        look(readings(), tests=quiet)


def test_no_fault_at_all_is_refused(look):
    with pytest.raises(VertikitError, match="one class"):
        look(readings(faults=False))


def test_a_column_written_down_after_the_fact_is_found_in_windows_too(look):
    table = readings(units=12, hours=200)
    table["code"] = table["fault"] * 7
    with pytest.raises(VertikitError, match="1 column gives fault away") as caught:
        look(table, reshape={"window": 10, "stride": 2})
    assert "--drop code" in caught.value.do


def test_a_sensor_that_reads_high_in_a_fault_is_none(look):
    table = readings(units=12, hours=200)
    table["heat"] += 100 * table["fault"] * (np.arange(len(table)) % 3 > 0)
    assert look(table, reshape={"window": 10, "stride": 2}).split == "group-time"


def test_a_horizon_so_long_that_what_follows_is_never_known_to_be_sound_is_refused(look):
    with pytest.raises(VertikitError, match="one class"):
        look(readings(), reshape={"window": 10, "horizon": "900h"})


def test_a_horizon_is_no_matter_of_kinds(look):
    table = readings().rename(columns={"fault": "kind"})
    table["kind"] = table["kind"].map({0: "none", 1: "seal"})
    with pytest.raises(UsageError, match="yes or no"):
        look(table, task="manufacturing/fault-kind", reshape={"window": 10, "horizon": 5})


def test_a_sensor_that_knows_one_kind_of_several_is_none_either(look):
    table = readings(units=12, hours=200).rename(columns={"fault": "kind"})
    late = np.arange(len(table)) % 80 >= 40
    table["kind"] = np.where(table["kind"] == 0, "none", np.where(late, "seal", "bearing"))
    table["heat"] += 1000 * (table["kind"] == "seal")
    window = {"window": 10, "stride": 2}
    assert look(table, task="manufacturing/fault-kind", reshape=window).split == "grouped"
