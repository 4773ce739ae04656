"""A run of a forecast from end to end: judged, loaded, asked for what comes, and reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from tests.core.forecasting.series import RESHAPE, meter, wide
from vertikit import UsageError, VertikitError

LEVELS = [f"load.q{each}0" for each in range(1, 10)]


def test_predictions_have_a_line_for_each_step_of_each_origin(run: vertikit.Run) -> None:
    table = pd.read_parquet(run.folder / "predictions.parquet")
    origins = run.metrics["rows"]["test"]
    assert len(table) == 12 * origins
    assert (
        table.groupby(["series", "row"])["step"].apply(list).map(lambda each: each == [*range(1, 13)]).all()
    )
    assert (np.diff(table[LEVELS].to_numpy(), axis=1) >= -1e-9).all() and np.array_equal(
        table["load"], table["load.q50"]
    )
    time = pd.to_datetime(table["time"])
    assert time.diff()[table["step"] > 1].eq(pd.Timedelta("1h")).all()
    assert table["truth"].notna().all() and table["error"].isna().all()


def test_a_forecast_is_judged_beside_its_baselines_step_by_step(run: vertikit.Run) -> None:
    found, naive = run.metrics["test"], run.metrics["baselines"]["seasonal-naive"]
    assert found["mase"]["value"] < run.metrics["baselines"]["repeat-last"]["mase"]["value"]
    assert {"wql", "interval_coverage", "standardised_mse", "mase.1-3", "wql.10-12"} <= set(found)
    assert 0.7 < naive["mase"]["value"] < 1.3  # it is what the error is measured in
    assert run.metrics["split"]["name"] == "walk-forward"
    assert len(run.metrics["horizon"]["step"]) == 12


def test_predict_foretells_the_steps_after_the_end_of_each_series(
    run: vertikit.Run, rows: pd.DataFrame
) -> None:
    table = run.predict(rows)
    assert table[["series", "step"]].values.tolist() == [
        [name, step] for name in ("a", "b") for step in range(1, 13)
    ]
    assert str(table["time"][0]) == "2024-01-26 00:00:00" and table["row"][0] == 600
    again = vertikit.load(run.folder).predict(rows)
    assert np.allclose(again[LEVELS], table[LEVELS])
    alone = run.predict(rows[rows["series"] == "b"])
    assert np.allclose(alone[LEVELS], table[LEVELS][12:], atol=1e-2)


def test_what_is_known_ahead_is_read_from_rows_after_the_end(run: vertikit.Run, rows: pd.DataFrame) -> None:
    later = meter("a", 26, 10).iloc[600:612].assign(load="")
    warm, cold = (
        run.predict(pd.concat([rows.astype({"load": str}), later.assign(temperature=each)]))
        for each in (3.0, -3.0)
    )
    assert str(warm["time"][0]) == "2024-01-26 00:00:00"  # from the last number on, not from the last row
    assert not np.allclose(warm["load"][:12], cold["load"][:12])
    assert np.allclose(warm["load"][12:], cold["load"][12:])


def test_a_time_to_come_is_no_bad_row(run: vertikit.Run) -> None:
    late = meter("a", 10, 10)
    late["time"] = pd.date_range("2090-01-01", periods=len(late), freq="h").astype(str)
    table = run.predict(late)
    assert table["error"].isna().all() and str(table["time"][0]) == "2090-01-11 00:00:00"


def test_bad_rows_are_listed_where_they_stand(run: vertikit.Run, rows: pd.DataFrame) -> None:
    bad = pd.concat([rows, rows.iloc[[9]], meter("c", 1, 5)], ignore_index=True)
    bad.loc[4, "time"] = "yesterday"
    table = run.predict(bad)
    wrong = table[table["error"].notna()].set_index("row")["error"]
    assert wrong.index.tolist() == [5, 1201, 1225]
    assert "no date or time" in wrong[5] and "same time before it" in wrong[1201]
    assert "has 24 steps up to the last number, and a context needs 48" in wrong[1225]
    assert table[table["error"].isna()]["series"].unique().tolist() == ["a", "b"]


def test_rows_of_no_use_at_all_give_their_reasons_alone(run: vertikit.Run) -> None:
    table = run.predict(meter("a", 1, 10))
    assert len(table) == 1 and "a context needs 48" in table["error"][0]


def test_evaluate_leaves_out_what_was_learnt_and_judges_what_is_new(
    run: vertikit.Run, rows: pd.DataFrame
) -> None:
    longer = pd.concat([meter("a", 40, 10), meter("b", 40, 1000, seed=1)])
    longer.loc[longer.index < 600, "load"] = rows["load"].to_numpy()
    found = run.evaluate(longer)
    assert found["test"]["mase"]["value"] < found["baselines"]["repeat-last"]["mase"]["value"]
    learnt = run.metrics["rows"]["train"] + run.metrics["rows"]["valid"]
    assert found["leaks"]["learnt"] == learnt
    with pytest.raises(VertikitError, match="has learnt from all"):
        run.evaluate(rows[rows["time"] < "2024-01-18"])


def test_the_report_draws_forecasts_beside_what_came(run: vertikit.Run) -> None:
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "Its forecasts" in page and page.count("A forecast of 12 steps and what came") == 3
    assert "Mean absolute error by step" in page


def test_a_forecast_of_points_has_intervals_from_its_errors(rows: pd.DataFrame, tmp_path: Path) -> None:
    found = vertikit.train(
        "town/load", rows, output=tmp_path / "points", progress=False, reshape=RESHAPE,
        head="point-forecast", loss="steps-mse", epochs=3, baselines=[],
    )  # fmt: skip
    assert 0.5 < found.metrics["test"]["interval_coverage"]["value"] < 1.0
    table = found.predict(rows)
    assert (np.diff(table[LEVELS].to_numpy(), axis=1) >= 0).all()
    assert np.ptp(table[LEVELS].to_numpy()[12:]) > 20 * np.ptp(table[LEVELS].to_numpy()[:12])


@pytest.mark.slow
def test_a_wide_table_and_a_pretrained_transformer_come_to_the_same_kind_of_run(tmp_path: Path) -> None:
    table = wide(meter("a", 25, 10), meter("b", 25, 1000, seed=1))
    found = vertikit.train(
        "town/load", table, map={"load": "*"}, output=tmp_path / "wide", progress=False, reshape=RESHAPE,
        backbone={"name": "forecast-patchtst", "width": 8, "layers": 1, "patch": 8, "stride": 4},
        pretrain={"epochs": 1}, epochs=1, baselines=["seasonal-naive"],
    )  # fmt: skip
    again = vertikit.load(found.folder)
    assert again.predict(table)["series"].unique().tolist() == ["a", "b"]
    assert len(again.predict(meter("z", 5, 10))) == 12  # a long table does as well


@pytest.mark.slow
def test_folds_follow_one_another_under_repeat(rows: pd.DataFrame, tmp_path: Path) -> None:
    from vertikit.prepare.prepared import Sources
    from vertikit.repeat.repeating import repeat

    rows.to_csv(tmp_path / "rows.csv", index=False)
    layers: list[dict[str, Any]] = [{"reshape": RESHAPE, "epochs": 1, "baselines": ["seasonal-naive"]}]
    sources = Sources((str(tmp_path / "rows.csv"),))
    folder, found = repeat("town/load", sources, layers, "2", tmp_path / "folds", False, False)
    assert (folder / "fold-2-seed-0" / "metrics.json").exists()
    assert found["primary"] == "mase"


@pytest.mark.parametrize("verb", ["export", "watch", "explain", "predict into a folder", "serve", "transfer"])
def test_what_is_not_there_for_forecasts_is_refused_in_one_line(
    run: vertikit.Run, rows: pd.DataFrame, tmp_path: Path, verb: str
) -> None:
    from vertikit.deploy.batches.job import Asked, predict_in_parts
    from vertikit.explain.explaining import explain
    from vertikit.export.exporting import export
    from vertikit.progress import SILENT
    from vertikit.transfer.matrix import origins

    rows.to_csv(tmp_path / "rows.csv", index=False)

    def served() -> Any:
        from vertikit.serve.hosted import host

        return host(run.folder, None, None, None)  # type: ignore[arg-type]

    asked = {
        "export": lambda: export(run, "torch", tmp_path / "out"),
        "watch": lambda: run.watch(rows),
        "explain": lambda: explain(run, None, None, rows=0, progress=SILENT),
        "predict into a folder": lambda: predict_in_parts(
            run, Asked((str(tmp_path / "rows.csv"),), tmp_path / "parts", {})
        ),
        "serve": served,
        "transfer": lambda: origins([run.folder]),
    }
    with pytest.raises(UsageError, match=f"{verb} does not handle these so far"):
        asked[verb]()


@pytest.mark.parametrize("key", ["blend", "few_shot"])
def test_what_a_recipe_cannot_ask_of_forecasts_is_refused_before_rows_are_read(
    rows: pd.DataFrame, tmp_path: Path, key: str
) -> None:
    asked: dict[str, Any] = {key: "seasonal-naive" if key == "blend" else True}
    with pytest.raises(UsageError, match=f"wrong at {key}"):
        vertikit.train("town/load", rows, output=tmp_path / "no", progress=False, reshape=RESHAPE, **asked)


def test_a_column_a_series_of_a_task_that_foretells_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a column a series"):
        vertikit.train("medical/diagnosis", [{"text": "a"}], map={"disease": "*"}, output=tmp_path / "no")
