"""Unusual days on the sample: found, named by their day, and judged without point adjustment."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from vertikit_city.days import UnlikeAnyDay
from vertikit_city.samples.anomaly import write

import vertikit
from vertikit.contracts import Features


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    folder = tmp_path_factory.mktemp("anomaly")
    write(folder / "days.csv", rows=48 * 150, seed=2)
    return vertikit.train(
        "city/anomaly",
        str(folder / "days.csv"),
        output=folder / "run",
        progress=False,
        evaluation={"bootstrap": 50},
    )


def test_unusual_days_are_found_and_each_counts_for_itself(run: vertikit.Run) -> None:
    found = run.metrics["test"]
    assert found["auroc"]["value"] > 0.75 and 0 <= found["f1"]["value"] <= 1
    table = pd.read_parquet(run.folder / "predictions.parquet")
    assert table["rows"].is_unique and (table["truth"] == "odd").sum() >= 6
    kinds = set(table["day.kind"]) - {"sound"}
    assert kinds and kinds <= {"storm", "marathon", "outage"}


def test_a_loaded_run_answers_alike(run: vertikit.Run) -> None:
    rows = pd.read_csv(run.folder.parent / "days.csv").drop(columns="day")
    first, again = run.predict(rows), vertikit.load(run.folder).predict(rows)
    assert first["day.score"].equals(again["day.score"])
    storm = rows.copy()
    storm.loc[storm.index[-48:], "demand"] = 0
    assert run.predict(storm)["day.score"].iloc[-1] > 2 * first["day.score"].iloc[-1]


def test_settings_that_are_none_are_refused_in_a_line(tmp_path: Path) -> None:
    head = UnlikeAnyDay(4, None)
    with pytest.raises(vertikit.UsageError, match="not 1 or more"):
        UnlikeAnyDay(4, None, neighbours=0)
    with pytest.raises(vertikit.UsageError, match="not from 2 to 1440"):
        vertikit.train("city/anomaly", [{"time": "2024-01-01", "demand": 1}], output=tmp_path / "no",
                       backbone={"name": "day-profile", "slots": 1}, progress=False)  # fmt: skip
    assert head.state().arrays["days"].shape == (0, 4)


def test_the_head_learns_the_same_in_any_order_of_batches() -> None:
    torch.manual_seed(0)
    days = torch.randn(20, 4)
    scores = []
    for order in (torch.arange(20), torch.arange(19, -1, -1)):
        head = UnlikeAnyDay(4, None)
        head.begin(20)
        for batch in order.split(7):
            head.learn(Features(days[batch]), torch.zeros(len(batch)))
        head.finish()
        scores.append(head(Features(torch.randn(5, 4, generator=torch.Generator().manual_seed(1)))))
    assert torch.equal(*scores)
