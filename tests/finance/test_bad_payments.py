"""What finance/fraud makes of files that are not as they should be: each fault is one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.finance.preparing import prepared
from vertikit import UsageError, VertikitError
from vertikit.prepare.summary import describe
from vertikit_plugins.experts.velocity import Velocity


@pytest.fixture
def table(payments: pd.DataFrame) -> pd.DataFrame:
    """Payments that were delivered once each."""
    return payments.drop_duplicates("id").reset_index(drop=True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("time", "yesterday", "time is no date or time of the form"),
        ("amount", "1e308", "amount lies outside"),
        ("fraud", "perhaps", "fraud is neither yes nor no"),
    ],
)
def test_cells_that_cannot_be_read_are_told(
    name: str, value: str, said: str, payments: pd.DataFrame, tmp_path: Path
) -> None:
    table = payments.copy()
    table.loc[table.index[5], name] = value
    found = prepared(table, tmp_path / "data")
    assert said in str([bad.reason for bad in found.quarantine]) + str(found.notes)


def test_times_with_and_without_a_zone_are_not_mixed(payments: pd.DataFrame, tmp_path: Path) -> None:
    table = payments.copy()
    table.loc[table.index[:9], "time"] += "+02:00"
    with pytest.raises(VertikitError, match="9 rows with a time zone"):
        prepared(table, tmp_path / "data")


def test_a_payment_delivered_twice_is_set_aside_and_an_id_used_twice_stops(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    twice = [bad for bad in prepared(payments, tmp_path / "a").quarantine if "delivered before" in bad.reason]
    assert len(twice) == payments.id.duplicated().sum() > 5
    table = payments.copy()
    table.loc[table.index[5], "id"] = table.id.iloc[50]
    with pytest.raises(VertikitError, match="should name each row once"):
        prepared(table, tmp_path / "b")


def test_columns_of_the_file_become_inputs_of_the_type_that_their_values_show(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    payments = payments.drop_duplicates("id").reset_index(drop=True)
    table = payments.assign(
        row_name=[f"n{at}" for at in range(len(payments))],
        counter=[str(at + 7) for at in range(len(payments))],
        nothing="",
        opened="2020-01-05",
    )
    table.loc[table.index[3], "opened"] = "2021-02-03"
    found = prepared(table, tmp_path / "a")
    kinds = {column.name: column.type_name for column in found.task.columns[6:]}
    assert kinds == {
        "channel": "category",
        "category": "category",
        "country": "category",
        "age_days": "number",
        "opened": "timestamp",
    }
    for name, why in (("row_name", "as an id has"), ("counter", "as an id has"), ("nothing", "is empty")):
        assert any(f"column {name!r}" in note and why in note for note in found.notes), name
    typed = prepared(table, tmp_path / "b", types={"counter": "number", "channel": "none"})
    kinds = {column.name: column.type_name for column in typed.task.columns[6:]}
    assert kinds["counter"] == "number" and "channel" not in kinds
    with pytest.raises(UsageError, match="there is no type 'numbr'"):
        prepared(table, tmp_path / "c", types={"counter": "numbr"})


def test_a_column_that_gives_the_target_away_stops_the_run_by_name(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    table = payments.assign(refund_paid=np.where(payments.fraud == "1", "1", "0"))
    with pytest.raises(VertikitError, match="gives fraud away") as found:
        prepared(table, tmp_path / "a")
    assert "refund_paid" in str(found.value.details) and "--drop refund_paid" in str(found.value.do)
    kept = prepared(table, tmp_path / "b", allow_leaks=True)
    assert any("refund_paid" in note and "KEPT" in note for note in kept.notes)


def test_without_a_time_rows_that_lack_a_label_are_quarantined(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    table = payments.drop(columns="time").drop_duplicates("id")
    found = prepared(table, tmp_path / "a", cleaning={"max_quarantined": 0.5})
    assert any("no time: the test is of the same days" in line for line in describe(found))
    assert any("fraud is missing" in bad.reason for bad in found.quarantine)


def test_rows_without_a_label_train_nothing_and_stand_in_the_histories(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    whole = prepared(payments, tmp_path / "a")
    why = "without a label: they feed histories alone"
    missing = (payments.drop_duplicates("id").fraud == "").sum()
    assert len(whole.folds[0].outside[why]) == missing > 5
    assert not any("fraud is missing" in bad.reason for bad in whole.quarantine)

    table = payments.drop_duplicates("id").reset_index(drop=True)
    hidden = table.assign(fraud=table.fraud.where(np.arange(len(table)) % 2 == 0, ""))
    found = []
    for each, folder in ((table, "b"), (hidden, "c")):
        data = prepared(each, tmp_path / folder)
        velocity = Velocity(amount="amount")
        velocity.begin(data.task, data.examples.table.column_names)
        found.append(velocity.features(data.examples, data.examples.values("fraud")))
    for name in found[0]:
        same = np.array_equal(found[0][name], found[1][name], equal_nan=True)
        assert same is ("risk" not in name), name


def test_times_in_the_future_are_counted_and_are_not_the_latest_days(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    plain = prepared(table, tmp_path / "a").folds[0].tests["test"]
    late = table.copy()
    late.loc[[10, 11], "time"] = "2190-01-01T00:00:00"
    found = prepared(late, tmp_path / "b")
    assert any(
        "time lies in the future in 2 rows, and counts as missing there" in note for note in found.notes
    )
    assert len(found.folds[0].outside["without a time, so no side of the cut is theirs"]) == 2
    assert abs(len(found.folds[0].tests["test"]) - len(plain)) < 10


def test_the_order_of_the_rows_changes_nothing(table: pd.DataFrame, tmp_path: Path) -> None:
    def ids(data: Any) -> list[set[str]]:
        names = np.array(data.examples.column("id"), object)
        fold = data.folds[0]
        return [set(names[part]) for part in (fold.train, fold.valid, fold.tests["test"])]

    def counts(data: Any) -> dict[str, float]:
        velocity = Velocity(amount="amount")
        velocity.begin(data.task, data.examples.table.column_names)
        found = velocity.features(data.examples, data.examples.values("fraud"))["card_mean_7d"]
        return dict(zip(data.examples.column("id"), found.tolist(), strict=True))

    straight = prepared(table, tmp_path / "a")
    shuffled = prepared(table.sample(frac=1, random_state=0), tmp_path / "b")
    assert ids(straight) == ids(shuffled)
    one, other = counts(straight), counts(shuffled)
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_payments_of_one_moment_do_not_see_each_other(table: pd.DataFrame, tmp_path: Path) -> None:
    data = prepared(table.assign(time=table.time.str[:10]), tmp_path / "a")
    velocity = Velocity(amount="amount")
    velocity.begin(data.task, data.examples.table.column_names)
    found = velocity.features(data.examples, data.examples.values("fraud"))["card_count_1h"]
    assert np.nanmax(found) == 1  # of the day's others none was before


def test_one_card_alone_says_what_that_means(table: pd.DataFrame, tmp_path: Path) -> None:
    table = table.assign(card="c1")
    with pytest.raises(
        UsageError, match=r"all .* rows of the test are of groups known to have 'fraud' by then"
    ):
        prepared(table, tmp_path / "a")
    assert len(prepared(table, tmp_path / "b", split={"known": None}).folds[0].tests["test"])
    with pytest.raises(UsageError, match="none of the splits") as found:
        prepared(table.drop(columns="time"), tmp_path / "c")
    assert any("needs 3 groups or more, and this data has 1" in line for line in found.value.details)


@pytest.mark.parametrize(
    ("part", "rows"),
    [("training", slice(0, 7000)), ("validation", slice(5000, 7000)), ("test", slice(5500, 9000))],
)
def test_a_part_without_frauds_stops_by_name(
    part: str, rows: slice, table: pd.DataFrame, tmp_path: Path
) -> None:
    table = table.sort_values("time", kind="stable").reset_index(drop=True)
    table.loc[table.index[rows], "fraud"] = "0"
    with pytest.raises(VertikitError, match=f"the {part} part has no 'fraud' among its"):
        prepared(table, tmp_path / "a")


def test_a_test_part_of_the_users_own_without_frauds_stops_too(table: pd.DataFrame, tmp_path: Path) -> None:
    import vertikit

    with pytest.raises(VertikitError, match="the test part has no 'fraud' among its"):
        vertikit.train(
            "finance/fraud",
            table.iloc[:5000],
            valid=table.iloc[5000:7000],
            test=table.iloc[7000:].assign(fraud="0"),
            output=tmp_path / "run",
            progress=False,
        )


def test_amounts_beyond_all_measure_are_told_and_negative_ones_are_refunds(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    odd = table.copy()
    odd["amount"] = [*["1e308", "-1e308", "inf", "-25.50", "12,50"], *table.amount[5:]]
    found = prepared(odd, tmp_path / "a")
    told = [note for note in found.notes if "amount" in note]
    assert sorted(note.partition(": ")[2] for note in told) == [
        "amount is no number in 1 row, and counts as missing there",
        "amount is not a finite number in 1 row, and counts as missing there",
        "amount lies outside -1e+15 to 1e+15 in 2 rows, and counts as missing there",
    ]
    amounts = dict(zip(found.examples.column("id"), found.examples.numbers("amount"), strict=True))
    assert amounts[odd.id[3]] == -25.5 and np.isnan(amounts[odd.id[0]])


def test_all_rows_at_one_moment_have_no_past_and_no_future(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no row is older than the gap of 7 days before the test"):
        prepared(table.assign(time=table.time.iloc[0]), tmp_path / "a")


def test_labels_that_the_split_keeps_back_are_kept_from_the_expert_too(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    import vertikit

    with pytest.raises(
        UsageError, match=r"takes labels for known after 7d, and the split after 14d \(split.gap\)"
    ):
        vertikit.train(
            "finance/fraud", table, output=tmp_path / "run", progress=False, split={"gap": "14d"}, epochs=1
        )


def test_what_is_left_out_stands_on_the_screen(table: pd.DataFrame, tmp_path: Path) -> None:
    lines = "\n".join(describe(prepared(table, tmp_path / "a")))
    for said in ("not tested any more", "labels come too late", "without a label: they feed histories alone"):
        assert said in lines
