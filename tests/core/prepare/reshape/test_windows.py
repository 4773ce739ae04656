"""Rows cut into windows: which rows, which target, what is left out, and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from vertikit import (
    Card,
    Category,
    Flag,
    Group,
    Label,
    Number,
    Protocol,
    Task,
    Time,
    UsageError,
    VertikitError,
)
from vertikit.prepare.reading import read_rows
from vertikit.prepare.reshape import reshape
from vertikit.recipe.examples import Reshape
from vertikit.registry import registry

FLAG = Flag("broken", negative="fine")
LABEL = Label("state")


def task(target=FLAG):
    return Task(
        name="plant/broken",
        summary="looks at sensors",
        columns=(Group("unit"), Time("time", required=False), Category("product", required=False), Number("a"),
                 Number("b", required=False), target),
        protocol=Protocol(splits=("grouped",), primary="accuracy", metrics=(), baselines=(), why=""),
        card=Card(intended_use="", population="", limits=""),
    )  # fmt: skip


def rows(count=40, unit="x", start=0, broken=(), **more):
    begin = datetime(2025, 1, 1)
    return [
        {
            "unit": unit,
            "time": (begin + timedelta(minutes=start + at)).isoformat(),
            "a": start + at,
            "b": (at * 7) % 5,
            "broken": int(at in broken),
        }
        | more
        for at in range(count)
    ]


@pytest.fixture
def made(tmp_path):
    turn = iter(range(100))

    def made(table, *, targets=True, of=None, **choice):
        folder = tmp_path / f"made-{next(turn)}"
        folder.mkdir()
        chosen = of or task()
        read = read_rows(chosen, [table], {}, (), registry(), folder, targets=targets)
        reshaped = reshape(
            chosen,
            read,
            Reshape.model_validate(choice),
            folder,
            targets=targets,
            registry=registry(),
            root=None,
        )
        return reshaped, reshaped.as_rows(read)

    return made


def covered(reshaped):
    windows = reshaped.examples.windows
    return [
        windows.rows[start:stop].tolist() for start, stop in zip(windows.start, windows.stop, strict=True)
    ]


def test_a_window_holds_so_many_rows_of_one_unit_and_the_next_begins_a_stride_later(made):
    found, _ = made(rows(10) + rows(7, unit="y"), window=4, stride=3)
    assert covered(found) == [[1, 2, 3, 4], [4, 5, 6, 7], [7, 8, 9, 10], [11, 12, 13, 14], [14, 15, 16, 17]]
    assert found.examples.group.tolist() == ["x"] * 3 + ["y"] * 2
    assert found.examples.windows.readings[:4, 0].tolist() == [0, 1, 2, 3]


def test_windows_without_a_stride_do_not_overlap(made):
    found, _ = made(rows(10), window=5)
    assert covered(found) == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_rows_of_units_that_take_turns_are_put_together(made):
    turns = [row for pair in zip(rows(6), rows(6, unit="y"), strict=True) for row in pair]
    found, _ = made(turns, window=3)
    assert covered(found) == [[1, 3, 5], [2, 4, 6], [7, 9, 11], [8, 10, 12]]
    assert found.examples.windows.places()[0] == "1,3,5"


def test_windows_of_time_hold_as_many_rows_as_fall_into_them(made):
    table = rows(30)
    del table[12]
    found, _ = made(table, window="10min")
    assert [len(each) for each in covered(found)] == [10, 9, 10]


def test_no_window_crosses_a_gap_and_what_is_too_short_has_a_line_of_its_own(made):
    found, lines = made(rows(10) + rows(3, start=100) + rows(8, start=200), window=4)
    assert covered(found) == [[1, 2, 3, 4], [5, 6, 7, 8], [14, 15, 16, 17], [18, 19, 20, 21]]
    assert [bad.row for bad in lines.bad] == [13]
    assert lines.bad[0].reason.endswith("too short for a window of 4 rows (3 rows, from row 11)")
    assert lines.position.tolist() == [0, 1, 3, 4]
    assert lines.bad_position.tolist() == [2]
    assert any("2 gaps" in note for note in found.notes)


def test_rows_out_of_order_are_sorted_and_counted(made):
    table = rows(12)
    table[3], table[8] = table[8], table[3]
    found, _ = made(table, window=6)
    assert covered(found) == [[1, 2, 3, 9, 5, 6], [7, 8, 4, 10, 11, 12]]
    assert any("earlier time" in note for note in found.notes)


def test_of_rows_with_the_same_time_the_first_is_used_and_the_others_have_a_line(made):
    table = rows(8)
    table.insert(5, {**table[4], "a": 99})
    found, lines = made(table, window=4)
    assert covered(found) == [[1, 2, 3, 4], [5, 7, 8, 9]]
    assert [bad.row for bad in lines.bad] == [6]
    assert "same time" in lines.bad[0].reason


def test_a_row_without_its_unit_is_in_no_window_and_has_a_line(made):
    table = rows(9)
    table[4]["unit"] = ""
    found, lines = made(table, window=4)
    assert covered(found) == [[1, 2, 3, 4], [6, 7, 8, 9]]
    assert [bad.row for bad in lines.bad] == [5]


def test_without_a_horizon_a_window_is_labelled_as_its_last_row_or_as_any(made):
    found, _ = made(rows(12, broken=(5, 7)), window=4)
    assert found.examples.column("broken") == ["fine", "broken", "fine"]
    found, _ = made(rows(12, broken=(1,)), window=4, label="any")
    assert found.examples.column("broken") == ["broken", "fine", "fine"]


def test_with_a_horizon_the_target_is_what_comes_after_the_window(made):
    found, _ = made(rows(20, broken=(11,)), window=2, horizon=4)
    assert dict(zip(map(tuple, covered(found)), found.examples.column("broken"), strict=True)) == {
        (1, 2): "fine", (3, 4): "fine", (5, 6): "fine", (7, 8): "broken", (9, 10): "broken",
        (13, 14): "fine", (15, 16): "fine",
    }  # fmt: skip
    assert np.nan_to_num(found.examples.numbers("broken.after"), nan=-1).tolist() == [
        -1,
        -1,
        -1,
        4,
        2,
        -1,
        -1,
    ]
    assert any("already hold a row" in note for note in found.notes)
    assert any("end too late" in note for note in found.notes)
    windows = found.examples.windows
    assert (windows.reach - windows.stop).tolist() == [4] * 7


def test_a_horizon_of_time_looks_as_far_as_it_says(made):
    by_rows, _ = made(rows(60, broken=(31,)), window=3, horizon=10)
    by_time, _ = made(rows(60, broken=(31,)), window="3min", horizon="10min")
    assert by_time.examples.column("broken") == by_rows.examples.column("broken")
    waits = by_rows.examples.numbers("broken.after")
    assert np.nanmax(waits) == 8
    np.testing.assert_allclose(by_time.examples.numbers("broken.after"), 60 * waits)


def test_what_follows_is_not_looked_for_in_another_unit(made):
    found, _ = made(rows(10) + rows(10, unit="y", broken=(0,)), window=2, horizon=3)
    assert set(found.examples.column("broken")[:3]) == {"fine"}


def test_new_rows_make_windows_without_targets(made):
    table = [{key: value for key, value in row.items() if key != "broken"} for row in rows(10)]
    found, lines = made(table, targets=False, window=4, stride=2, horizon=4)
    assert covered(found) == [[1, 2, 3, 4], [3, 4, 5, 6], [5, 6, 7, 8], [7, 8, 9, 10]]
    assert found.examples.column("broken") == [None] * 4
    assert lines.read == 4


def test_columns_that_are_no_numbers_are_those_of_the_last_row_and_numbers_become_sensors(made):
    table = [{**row, "product": "p" if at < 6 else "q"} for at, row in enumerate(rows(8))]
    found, _ = made(table, window=4)
    assert found.examples.column("product") == ["p", "q"]
    assert [column.name for column in found.task.inputs if column.modality == "series"] == ["a", "b"]
    assert "a" not in found.examples.table.column_names


def test_missing_readings_stay_missing(made):
    table = rows(8)
    table[2]["b"] = ""
    found, _ = made(table, window=4)
    assert np.isnan(found.examples.windows.readings[:, 1]).tolist() == [at == 2 for at in range(8)]


def test_units_that_are_read_at_different_rates_are_told_of(made):
    slow = [{**row, "time": (datetime(2025, 1, 1) + timedelta(minutes=10 * at)).isoformat()}
            for at, row in enumerate(rows(20, unit="y"))]  # fmt: skip
    assert any("different rates" in note for note in made(rows(20) + slow, window=4)[0].notes)
    assert not any("different rates" in note for note in made(rows(20) + slow, window="40min")[0].notes)
    assert not any("different rates" in note for note in made(rows(20), window=4)[0].notes)


def test_a_sensor_that_is_stuck_or_silent_is_told_of(made):
    table = rows(300)
    for at in range(100, 170):
        table[at]["b"] = 3
    for at in range(200, 260):
        table[at]["b"] = ""
    notes = made(table, window=10)[0].notes
    assert any(
        "stuck" in note and "b (in 1 unit)" in note and "71 rows (100 to 170)" in note for note in notes
    )
    assert any("silent" in note and "60 rows (201 to 260)" in note for note in notes)
    assert not any("stuck" in note or "silent" in note for note in made(rows(300), window=10)[0].notes)


UNTIMED = [{"unit": "x", "a": at, "broken": 0} for at in range(20)]


@pytest.mark.parametrize(
    ("choice", "table", "said"),
    [
        ({"window": 50}, rows(20), "no window of 50 rows fits"),
        ({"window": "10min"}, UNTIMED, "no column of times"),
        ({"window": 5, "stride": "1min"}, rows(20), "one counts rows, the other time"),
        ({"window": 5, "horizon": "1min"}, UNTIMED, "no column of times"),
        ({"stride": 5}, rows(20), "reshape.window is not"),
        ({"window": 5, "horizon": 100}, rows(20), "can be used"),
    ],
)  # fmt: skip
def test_what_cannot_be_cut_is_refused_in_one_line(made, choice, table, said):
    with pytest.raises(VertikitError, match=said) as caught:
        made(table, **choice)
    assert caught.value.do


def test_a_horizon_needs_a_target_of_yes_or_no(made):
    table = [{**row, "state": "on"} for row in rows(20)]
    with pytest.raises(UsageError, match="yes or no"):
        made(table, of=task(LABEL), window=4, horizon=2)
