"""Recalls after a few examples of each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vertikit
from vertikit.training.few_shot import few_of_each


def test_so_many_of_each_class_are_drawn_of_different_groups_first() -> None:
    truth = np.array(["a"] * 40 + ["b"] * 30 + ["c"] * 3, object)
    groups = np.array([f"g{at // 4}" for at in range(73)], object)
    train = np.setdiff1d(np.arange(73), [0, 41])
    drawn = few_of_each(truth, train, groups, 5, seed=1)
    assert np.isin(drawn, train).all()
    assert [(truth[drawn] == each).sum() for each in "abc"] == [5, 5, 3]
    assert len(set(groups[drawn[:5]])) == 5
    assert drawn.tolist() != few_of_each(truth, train, groups, 5, seed=2).tolist()


@pytest.mark.slow
def test_a_run_tells_recalls_by_the_number_of_examples(
    notes: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    layer = quick | {"evaluation": {"bootstrap": 50, "few_shot": [6, 2, 6]}, "epochs": 20}
    run = vertikit.train("medical/diagnosis", notes, output=tmp_path / "run", progress=False, **layer)
    entries = run.metrics["few_shot"]
    assert [each["shots"] for each in entries] == [2, 6, None]
    assert entries[0]["rows"] == 2 * len(run.labels) < entries[1]["rows"] < entries[2]["rows"]
    for each in entries:
        assert each["recall"]["value"] == pytest.approx(np.mean(list(each["by_class"].values())), abs=1e-4)
    assert entries[2]["recall"]["value"] == pytest.approx(
        run.metrics["test"]["macro_recall"]["value"], abs=1e-4
    )
    assert "With few examples of each class" in (run.folder / "report.html").read_text(encoding="utf-8")


def test_it_changes_nothing_of_the_run_itself(
    notes: Path, quick: dict[str, Any], tmp_path: Path, probe_run: vertikit.Run
) -> None:
    layer = quick | {"evaluation": {"bootstrap": 50, "few_shot": [2]}}
    run = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "run", progress=False, **layer
    )
    assert run.metrics["test"] == probe_run.metrics["test"]
