from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from vertikit import Category, Flag, Group, Id, Number, Time
from vertikit.columns import Column, is_missing
from vertikit.prepare.cleaning import Account, clean_batches
from vertikit.prepare.row_file import ROW
from vertikit.table_columns import Timestamp

CELLS = {
    Id("id"): ["a", " b ", "", "NA", "ü\u2003", "x\x1f", "None"],
    Group("card"): ["a", "a", "n/a", None, "b", "  ", "a b"],
    Number("amount"): ["1", "-0", "1e3", "", "2.50", " 7 ", "+3"],
    Timestamp("time"): [
        "2025-03-01",
        "2025-03-01 12:30",
        "",
        "2025-03-01T12:30:00.5",
        "2200-12-31",
        "1900-01-01",
        None,
    ],
    Category("kind"): ["a", "a  b", "", "a b", "A", "nan", None],
    Flag("fraud"): ["1", "yes", "0", "no", "Fraud", "1.0", "-"],
}


@pytest.mark.parametrize("column", CELLS, ids=lambda column: column.name)
def test_cells_read_at_once_are_those_read_one_by_one(column: Column) -> None:
    cells = CELLS[column]
    found = cleaned([replace(column, required=False)], {column.name: cells}, Account())
    wanted = [None if cell is None or is_missing(cell) else column.parse(cell) for cell in cells]
    assert found.column(column.name).to_pylist() == wanted


def cleaned(columns: list[Column], cells: dict[str, list], account: Account, **options) -> pa.RecordBatch:
    rows = len(next(iter(cells.values())))
    batch = pa.record_batch(
        {**{name: pa.array(each, pa.string()) for name, each in cells.items()}, ROW: range(1, rows + 1)}
    )
    found = clean_batches(
        iter([batch]), {name: name for name in cells}, columns, account, targets=False, **options
    )
    return next(found)


@pytest.mark.parametrize(
    "cell",
    ["1899-12-31", "2201-01-01", "2025-02-30", "2025-03-01T24:00:00", "2025-3-1", "0001-01-01", "9999999"],
)
def test_no_time_is_read_at_once_that_is_none_by_itself(cell: str) -> None:
    account = Account()
    found = cleaned([Time("time", required=False)], {"time": ["2025-03-01", cell]}, account)
    assert found.column("time").to_pylist()[1] is None and sum(account.left_out.values()) == 1


def test_times_are_counted_by_how_they_are_written_however_they_are_read() -> None:
    account = Account()
    for cells in (
        ["2025-03-01"] * 3,
        ["2025-03-01T01:00Z", "2025-03-01T01:00+02:00"],
        ["20250301", "2025-03-02"],
    ):
        cleaned([Time("time")], {"time": cells}, account)
    assert account.spellings == {("time", "without a time zone"): 5, ("time", "with a time zone"): 2}


def test_faults_are_counted_by_row_though_each_distinct_cell_is_read_once() -> None:
    account = Account()
    kinds = [Number("age", required=False), Flag("fraud")]
    cells = {"age": ["old", "1", "old", "old"], "fraud": ["1", "maybe", "", "maybe"]}
    batch = pa.record_batch(
        {name: pa.array(each) for name, each in cells.items()} | {ROW: pa.array([1, 2, 3, 4])}
    )
    found = next(clean_batches(iter([batch]), {"age": "age", "fraud": "fraud"}, kinds, account, targets=True))
    assert found.column(ROW).to_pylist() == [1] and account.left_out == {("age", "age is no number"): 3}
    assert [(bad.row, bad.reason) for bad in account.bad] == [
        (2, "fraud is neither yes nor no (1 or 0, true or false)"),
        (3, "fraud is missing"),
        (4, "fraud is neither yes nor no (1 or 0, true or false)"),
    ]


def test_a_target_that_is_missing_may_be_kept_but_never_one_that_cannot_be_read() -> None:
    account = Account()
    batch = pa.record_batch({"fraud": pa.array(["1", "", "maybe"]), ROW: pa.array([1, 2, 3])})
    found = next(
        clean_batches(
            iter([batch]), {"fraud": "fraud"}, [Flag("fraud")], account, targets=True, unlabelled=True
        )
    )
    assert found.column("fraud").to_pylist() == ["fraud", None]
    assert [bad.row for bad in account.bad] == [3]


def test_the_end_of_the_last_year_is_a_time() -> None:
    column = Timestamp("time")
    found = column.parse_all(pa.array(["2200-12-31 23:59:59.999999"]))
    assert found is not None and found[0].as_py() == column.parse("2200-12-31 23:59:59.999999")


def test_what_has_happened_is_not_in_the_future() -> None:
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()[:19]
    account = Account()
    cells = {"time": ["2025-03-01", later]}
    found = cleaned([Time("time", required=False)], cells, account)
    assert found.column("time").to_pylist()[1] is None
    assert account.left_out == {("time", "time lies in the future"): 1}
    assert cleaned([Timestamp("time")], cells, Account()).column("time").null_count == 0
