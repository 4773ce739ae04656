"""Payments in parts: what a card did in an earlier part is remembered, and the queue of a day is of the whole day."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import vertikit
from tests.core.deploy.batches.comparing import parts_of, same
from tests.core.deploy.batches.killing import interrupted_at
from vertikit import UsageError, VertikitError
from vertikit.deploy.batches import finishing
from vertikit.deploy.batches.job import Asked, predict_in_parts
from vertikit.deploy.batches.ranked import settle
from vertikit.deploy.predicting import predict_to


@pytest.fixture(scope="module")
def later(payments: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last payments, in order of time, with types: some labelled."""
    path = tmp_path_factory.mktemp("later") / "later.parquet"
    table = payments.iloc[7000:].sort_values("time", kind="stable").reset_index(drop=True)
    table["time"] = pd.to_datetime(table["time"])
    table["amount"] = pd.to_numeric(table["amount"], errors="coerce")
    table.to_parquet(path, index=False)
    return path


def at_once(run: vertikit.Run, path: Path, folder: Path) -> pd.DataFrame:
    predict_to(run, [str(path)], folder / "plain.parquet", mapping={})
    return pd.read_parquet(folder / "plain.parquet")


def test_parts_answer_as_one_pass_does_though_cards_come_again(run, later, tmp_path):
    plain = at_once(run, later, tmp_path)
    predict_in_parts(run, Asked((str(later),), tmp_path / "out", {}, part_rows=300))
    same(parts_of(tmp_path / "out"), plain, 1e-9)


def test_stopped_in_the_middle_the_past_is_still_known(run, later, tmp_path):
    plain = at_once(run, later, tmp_path)
    asked = Asked((str(later),), tmp_path / "out", {}, state=tmp_path / "cards.state", part_rows=500)
    for stop in (14, 23):
        assert interrupted_at(stop, lambda: predict_in_parts(run, asked))
    predict_in_parts(run, asked)
    same(parts_of(tmp_path / "out"), plain, 1e-9)
    run.predict(str(later), state=tmp_path / "at-once.state")
    again = later.with_name("again.parquet")
    pd.read_parquet(later).tail(100).assign(id=lambda table: "x" + table["id"]).to_parquet(again)
    first, second = (
        run.predict(str(again), state=tmp_path / name) for name in ("cards.state", "at-once.state")
    )
    pd.testing.assert_frame_equal(first, second)


def test_rows_that_are_not_in_order_of_time_are_refused_where_the_past_matters(run, later, tmp_path):
    table = pd.read_parquet(later)
    table.iloc[::-1].to_parquet(tmp_path / "backwards.parquet", index=False)
    with pytest.raises(VertikitError, match=r"row \d+: is earlier than rows that were answered before"):
        predict_in_parts(
            run, Asked((str(tmp_path / "backwards.parquet"),), tmp_path / "out", {}, part_rows=500)
        )


def test_a_run_that_remembers_is_for_one_process(run, later, tmp_path):
    with pytest.raises(UsageError, match="remembers the past"):
        predict_in_parts(run, Asked((str(later),), tmp_path / "out", {}), engine=lambda *_: None)


def test_the_queue_of_a_day_is_of_all_its_payments_and_not_of_a_part(run, later, tmp_path, monkeypatch):
    from vertikit_finance.alerts import AlertQueue

    plainly = AlertQueue.__init__
    monkeypatch.setattr(AlertQueue, "__init__", lambda self, **_: plainly(self, budget=2, alert_cost=0.01))
    queue = vertikit.load(run.folder)
    plain = at_once(queue, later, tmp_path)
    corrected = []
    monkeypatch.setattr(finishing, "settle", lambda *given: corrected.append(settle(*given)))
    predict_in_parts(queue, Asked((str(later),), tmp_path / "out", {}, part_rows=100))
    assert corrected[0] > 0
    found = parts_of(tmp_path / "out")
    same(found, plain, 1e-9)
    days = pd.read_parquet(later)["time"].dt.date
    assert found[found["decision"] == "alert"].groupby(days).size().max() == 2
