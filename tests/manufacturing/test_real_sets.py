"""Real sets, where VERTIKIT_BENCH_DATA names the folder that has them: what is found in them, nothing trained."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vertikit import VertikitError
from vertikit.prepare.prepared import Sources
from vertikit.prepare.preparing import prepare
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry

DATA = Path(os.environ.get("VERTIKIT_BENCH_DATA", "")) / "manufacturing"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="VERTIKIT_BENCH_DATA names no folder with the sets")


def look(tmp_path, task, file, mapping, *, drop=(), root="", **recipe):
    known = registry()
    chosen = resolve_recipe(known.task(task), known, layers=[recipe])
    sources = Sources((str(DATA / file),), mapping=mapping, drop=drop, root=root and str(DATA / root))
    return prepare(known.task(task), sources, chosen, known, tmp_path, lambda _: None)


def test_modes_of_failure_are_found_and_refused_without_being_named(tmp_path):
    with pytest.raises(VertikitError, match="4 columns give fault away") as caught:
        look(tmp_path, "manufacturing/fault", "ai4i2020/ai4i2020.csv", {"fault": "Machine failure"})
    found = [each.split("'")[1] for each in caught.value.details]
    assert found == ["TWF", "HDF", "PWF", "OSF"]
    assert "Look at RNF too" in caught.value.do


def test_without_them_the_rows_are_divided_by_blocks(tmp_path):
    drop = ("TWF", "HDF", "PWF", "OSF", "RNF")
    prepared = look(
        tmp_path, "manufacturing/fault", "ai4i2020/ai4i2020.csv", {"fault": "Machine failure"}, drop=drop
    )
    assert prepared.split == "blocks"
    assert {column.name for column in prepared.task.inputs if column.name in prepared.columns} == {
        "Type", "Air temperature [K]", "Process temperature [K]", "Rotational speed [rpm]", "Torque [Nm]",
        "Tool wear [min]",
    }  # fmt: skip


def test_of_experiments_that_follow_one_another_the_latest_are_the_test(tmp_path):
    mapping = {"fault": "anomaly", "unit": "experiment", "time": "datetime"}
    window = {"window": 60, "stride": 10}
    prepared = look(
        tmp_path, "manufacturing/fault", "skab/skab.csv.gz", mapping, drop=("changepoint",), reshape=window
    )
    assert prepared.split == "group-time"
    fold, examples = prepared.folds[0], prepared.examples
    assert examples.span[fold.train, 1].max() < examples.span[fold.tests["test"], 0].min()
    assert "outside" not in fold.outside


def test_records_of_an_archive_are_divided_by_load(tmp_path):
    prepared = look(
        tmp_path,
        "manufacturing/fault-kind",
        "cwru_bearing/meta.csv",
        {"recording": "row", "kind": "fault", "unit": "load_hp"},
        drop=("size_mil", "record", "full_length"),
        root="cwru_bearing/cwru_12k_de.npz",
        reshape={"window": 2048},
        cleaning={"rare_classes": "quarantine"},
    )
    assert len(prepared.examples) == 45 * (36_000 // 2048)
    fold, groups = prepared.folds[0], prepared.examples.group
    assert not set(groups[fold.train]) & set(groups[fold.tests["test"]])
