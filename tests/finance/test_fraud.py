"""finance/fraud from a file of payments to alerts, and on with the state of a run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from tests.finance.conftest import QUICK, TASK
from vertikit import UsageError, VertikitError

pytest.importorskip("tabm")


@pytest.fixture
def fresh(run: vertikit.Run, tmp_path: Path) -> vertikit.Run:
    """The run as another process finds it."""
    shutil.copytree(run.folder, tmp_path / "run")
    return vertikit.load(tmp_path / "run")


def test_the_test_is_of_later_days_and_what_is_left_out_is_counted(run: vertikit.Run) -> None:
    metrics = run.metrics
    assert metrics["split"]["name"] == "time" and "later than all it has learnt from" in run.verdict
    outside = metrics["rows"]["outside"]
    assert any("labels come too late" in why for why in outside)
    assert any("not tested any more" in why for why in outside)
    counted = sum(metrics["rows"][name] for name in ("train", "valid", "test", "quarantined", "removed"))
    assert counted + sum(outside.values()) == metrics["rows"]["read"] == 8000


def test_the_trades_figures_stand_beside_boosting_on_the_same_columns(run: vertikit.Run) -> None:
    for name in (
        "average_precision",
        "card_precision",
        "recall_at_alerts",
        "expected_cost",
        "cost_saved",
        "ks",
    ):
        assert run.metrics["test"][name]["value"] is not None, name
        assert run.metrics["valid"][name]["value"] is not None, name
    assert set(run.metrics["baselines"]) == {"majority", "gradient-boosting"}
    assert run.metrics["policy"]["account"]["alerts_a_day"] <= 100
    assert run.metrics["blend"]["with"] == "gradient-boosting"


def test_the_gap_to_training_rows_is_on_the_screen_and_in_the_report(run: vertikit.Run) -> None:
    from vertikit.cli.finished import scores

    lines = dict(scores(run.metrics))
    train = run.metrics["train"]["average_precision"]["value"]
    assert lines["  model alone, training rows"] == f"{train:.3f}"
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "Average precision on the training rows is" in report and "on the test rows" in report


def test_alerts_are_the_largest_expected_losses_and_say_why(run: vertikit.Run) -> None:
    table = pd.read_parquet(run.folder / "predictions.parquet")
    alerts = table[table.decision == "alert"]
    assert 0 < len(alerts) < len(table)
    assert alerts.reason.str.startswith("probability of fraud ").all()
    assert alerts.reason.str.contains("% of training payments\\)|missing").mean() > 0.5
    assert (alerts.reason.str.count(";") <= 4).all()
    # Of the counts of one card over several spans, one is named.
    assert (alerts.reason.str.count("payments of this card in the last") <= 1).all()


def test_a_loaded_run_gives_the_same_answers(
    run: vertikit.Run, fresh: vertikit.Run, payments: pd.DataFrame
) -> None:
    new = payments.iloc[8000:8300].drop(columns="fraud")
    first, second = run.predict(new), fresh.predict(new)
    assert np.array_equal(first["fraud.p.fraud"], second["fraud.p.fraud"])
    assert list(first.decision) == list(second.decision)


def test_a_stream_in_pieces_gives_what_the_whole_gives(
    fresh: vertikit.Run, payments: pd.DataFrame, tmp_path: Path
) -> None:
    new = payments.iloc[8000:].drop(columns="fraud").drop_duplicates("id")
    new = new.sort_values("time", kind="stable")
    whole = fresh.predict(new)["fraud.p.fraud"].to_numpy()
    for count in (2, 5):
        state = tmp_path / f"state-{count}"
        pieces = [
            fresh.predict(part, state=state)["fraud.p.fraud"].to_numpy()
            for part in (new.iloc[at] for at in np.array_split(np.arange(len(new)), count))
        ]
        assert np.allclose(np.concatenate(pieces), whole, rtol=0, atol=1e-9), count


def test_a_time_in_the_future_is_told_and_wipes_nothing_from_what_is_remembered(
    fresh: vertikit.Run, payments: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from vertikit.deploy.predicting import predict
    from vertikit.progress import Progress

    new = payments.iloc[8000:8100].drop(columns="fraud").drop_duplicates("id")
    late = new.iloc[:5].assign(time="2190-01-01T00:00:00", id=[f"late{at}" for at in range(5)])
    predict(fresh, late, mapping={}, state=tmp_path / "state", progress=Progress())
    assert "time lies in the future in 5 rows, and counts as missing there" in capsys.readouterr().err
    after = fresh.predict(new, state=tmp_path / "state")["fraud.p.fraud"]
    assert np.array_equal(after, fresh.predict(new)["fraud.p.fraud"])


def test_a_file_given_twice_changes_nothing(
    fresh: vertikit.Run, payments: pd.DataFrame, tmp_path: Path
) -> None:
    new = payments.iloc[8000:8400].drop(columns="fraud")
    state = tmp_path / "state"
    first = fresh.predict(new, state=state)
    kept = state.read_bytes()
    again = fresh.predict(new, state=state)
    assert np.array_equal(first["fraud.p.fraud"], again["fraud.p.fraud"])
    assert len(state.read_bytes()) == len(kept)


def test_labels_that_come_late_are_taken_in(
    fresh: vertikit.Run, payments: pd.DataFrame, tmp_path: Path
) -> None:
    from vertikit.deploy.history import read_history

    new = payments.iloc[8000:8400].drop_duplicates("id")
    fresh.predict(new.drop(columns="fraud"), state=tmp_path / "state")
    read_history(fresh, tmp_path / "state")
    velocity = fresh.parts.experts["velocity"]
    unknown = (velocity.state().arrays["label"] < 0).sum()
    fresh.predict(new, state=tmp_path / "state")
    read_history(fresh, tmp_path / "state")
    told = (new.fraud != "").sum()
    assert unknown - (velocity.state().arrays["label"] < 0).sum() == told


def test_a_state_that_is_none_or_of_another_run_is_one_line(
    fresh: vertikit.Run, payments: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("no archive")
    with pytest.raises(VertikitError, match="is no state of a run, or is damaged"):
        fresh.predict(payments.iloc[8000:8010], state=tmp_path / "state")
    with pytest.raises(UsageError, match="cannot be written"):
        fresh.predict(payments.iloc[8000:8010], state=tmp_path / "no" / "state")


def test_the_budget_and_the_cost_of_an_alert_are_those_of_the_policy(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    found = []
    for budget, cost in ((3, 1.0), (30, 25.0)):
        policy = {"name": "alert-queue", "budget": budget, "alert_cost": cost}
        output = tmp_path / f"run-{budget}"
        run = vertikit.train(
            TASK, payments.iloc[:8000], output=output, progress=False, policy=policy, **QUICK
        )
        found.append({name: each["value"] for name, each in run.metrics["test"].items()})
        assert run.metrics["policy"]["account"]["alerts_a_day"] <= budget
    few, many = found
    assert few["average_precision"] == many["average_precision"]
    assert few["recall_at_alerts"] < many["recall_at_alerts"]
    assert few["card_precision"] > many["card_precision"]  # what three cards hold, thirty do not
    assert few["expected_cost"] != many["expected_cost"]


def test_a_metric_of_the_trade_may_decide_and_one_that_lacks_its_columns_is_one_line(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    options: dict[str, Any] = {**QUICK, "epochs": 2, "blend": None, "primary": "cost_saved"}
    run = vertikit.train(TASK, payments, output=tmp_path / "run", progress=False, **options)
    assert "cost saved" in run.verdict and run.metrics["overfitting"]["train"] is not None
    with pytest.raises(UsageError, match="metric 'cost_saved' reads amount, which the data has not"):
        vertikit.train(TASK, payments, drop="amount", output=tmp_path / "none", progress=False, **options)


@pytest.mark.parametrize(
    "loss",
    [
        {"name": "bce", "pos_weight": 5.0},
        {"name": "focal-bce"},
        {"name": "cost-sensitive", "missed": 5.0, "amount": "amount"},
    ],
)
def test_other_losses_train_a_head_that_starts_from_the_prior(
    loss: dict[str, Any], payments: pd.DataFrame, tmp_path: Path
) -> None:
    backbone = {"name": "mlp", "width": 64, "embedding": 6, "bins": 16}
    options: dict[str, Any] = {**QUICK, "blend": None, "baselines": ["majority"], "backbone": backbone}
    head = {"name": "binary", "standardise": "none", "dropout": 0.0}
    run = vertikit.train(
        TASK,
        payments,
        output=tmp_path / "run",
        progress=False,
        loss=loss,
        head=head,
        **{**options, "epochs": 6},
    )
    found = run.metrics["test"]["average_precision"]["value"]
    base = run.metrics["baselines"]["majority"]["average_precision"]["value"]
    assert found > 2 * base
    again = vertikit.load(run.folder).predict(payments.iloc[:50])["fraud.p.fraud"]
    assert again.notna().all() and np.array_equal(again, run.predict(payments.iloc[:50])["fraud.p.fraud"])


def test_a_loss_that_weighs_by_a_column_that_is_not_there_is_one_line(
    payments: pd.DataFrame, tmp_path: Path
) -> None:
    options = {**QUICK, "loss": {"name": "cost-sensitive", "amount": "value_at_risk"}}
    with pytest.raises(UsageError, match="weighs rows by 'value_at_risk', and the data has no such column"):
        vertikit.train(TASK, payments, output=tmp_path / "run", progress=False, **options)


def test_without_a_time_it_says_what_is_not_known(payments: pd.DataFrame, tmp_path: Path) -> None:
    table = payments.iloc[:4000].drop(columns=["time", "card", "terminal"]).drop_duplicates("id")
    run = vertikit.train(TASK, table, output=tmp_path / "run", progress=False, **QUICK)
    assert run.metrics["split"]["name"] == "stratified"
    told = "The data has no time, so the test rows are of the same days as those of training."
    assert any(told in warning for warning in run.metrics["warnings"])
    assert told in (run.folder / "report.html").read_text(encoding="utf-8")
    assert run.metrics["test"]["card_precision"]["why"] == "the data has no card and no time"
