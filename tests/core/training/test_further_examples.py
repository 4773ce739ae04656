"""Further windows and pictures without labels: read, told from those that judge, learnt from."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError
from vertikit.training.recognised import _overlapping
from vertikit.windows import Windows
from vertikit_manufacturing.samples.fault import write
from vertikit_manufacturing.samples.quality import write as write_pictures

WINDOWS = {
    "backbone": {"name": "gru", "width": 8}, "strategy": "full", "epochs": 1, "refit": "never", "experts": [],
    "baselines": ["majority"], "blend": None, "split": {"name": "grouped"}, "evaluation": {"bootstrap": 0},
    "reshape": {"window": "24h", "stride": "12h", "horizon": "96h"},
}  # fmt: skip


def windows(values, size=16, names=("a", "b")):
    starts = np.arange(0, len(values) - size + 1, size)
    return Windows(np.asarray(values, float), names, starts, starts + size, starts + size)


def test_windows_that_hold_readings_of_judged_ones_are_found_wherever_these_begin():
    random = np.random.default_rng(0)
    judged, other = random.normal(size=(64, 2)), random.normal(size=(96, 2))
    further = np.concatenate([other[:40], judged[5:25], other[40:]])
    found = _overlapping(windows(further), windows(judged))
    assert found.tolist() == [2, 3]
    assert _overlapping(windows(other), windows(judged)).tolist() == []
    swapped = windows(further[:, ::-1], names=("b", "a"))
    assert _overlapping(swapped, windows(judged)).tolist() == [2, 3]


def test_readings_that_stand_still_are_nobodys():
    still = np.tile([1.0, 2.0], (64, 1))
    assert _overlapping(windows(still), windows(still)).tolist() == []


def test_an_encoder_of_windows_is_pretrained_on_readings_of_other_machines(tmp_path, capsys):
    write(tmp_path / "readings.csv", rows=9_000, seed=5)
    write(tmp_path / "more.csv", rows=4_000, seed=6)
    more = pd.read_csv(tmp_path / "more.csv", dtype=str).drop(columns="fault")
    more.to_csv(tmp_path / "more.csv", index=False)
    own = {"epochs": 1, "data": str(tmp_path / "more.csv")}
    run = vertikit.train(
        "manufacturing/fault", tmp_path / "readings.csv", output=tmp_path / "run", pretrain=own, **WINDOWS
    )
    said = capsys.readouterr().err
    assert "pretrain.data:" in said
    counted = int(
        said.split("pretraining by masked-patches")[1].split("pretrained on ")[1].split()[0].replace(",", "")
    )
    assert counted > run.metrics["rows"]["train"]
    assert vertikit.load(tmp_path / "run").predict(more.head(100)).equals(run.predict(more.head(100)))
    student = vertikit.train(
        "manufacturing/fault", tmp_path / "readings.csv", output=tmp_path / "student", progress=False,
        teacher={"run": str(run.folder), "data": str(tmp_path / "more.csv"), "compare": False}, **WINDOWS,
    )  # fmt: skip
    assert student.metrics["teacher"]["rows"] > 0


def test_readings_of_the_test_part_are_refused_without_their_labels_too(tmp_path):
    write(tmp_path / "readings.csv", rows=9_000, seed=5)
    pd.read_csv(tmp_path / "readings.csv", dtype=str).drop(columns="fault").to_csv(
        tmp_path / "more.csv", index=False
    )
    own = {"epochs": 1, "data": str(tmp_path / "more.csv")}
    with pytest.raises(UsageError, match=r"pretrain\.data: .* are rows of the test part"):
        vertikit.train(
            "manufacturing/fault", tmp_path / "readings.csv", output=tmp_path / "run", progress=False,
            pretrain=own, **WINDOWS,
        )  # fmt: skip


def test_other_sensors_are_no_further_rows(tmp_path):
    write(tmp_path / "readings.csv", rows=9_000, seed=5)
    write(tmp_path / "more.csv", rows=3_000, seed=6)
    more = pd.read_csv(tmp_path / "more.csv", dtype=str).drop(columns=["fault", "vibration"])
    more.to_csv(tmp_path / "more.csv", index=False)
    own = {"epochs": 1, "data": str(tmp_path / "more.csv")}
    with pytest.raises(UsageError, match="vibration"):
        vertikit.train(
            "manufacturing/fault", tmp_path / "readings.csv", output=tmp_path / "run", progress=False,
            pretrain=own, **WINDOWS,
        )  # fmt: skip


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    for name, seed in (("own", 1), ("more", 2)):
        write_pictures(folder / f"{name}.csv", rows=160, seed=seed)
    return folder


PICTURES = {
    "backbone": {"name": "picture-cnn", "size": 32}, "strategy": "full", "head": "softmax", "epochs": 1,
    "baselines": ["majority"], "blend": None, "evaluation": {"bootstrap": 0},
}  # fmt: skip


def test_pictures_without_labels_are_learnt_from_and_those_of_the_test_are_refused(parts, tmp_path, capsys):
    rows = pd.read_csv(parts / "more.csv", dtype=str).drop(columns="defect")
    rows.to_csv(parts / "unlabelled.csv", index=False)
    own = {"epochs": 1, "data": str(parts / "unlabelled.csv")}
    run = vertikit.train(
        "manufacturing/quality", parts / "own.csv", output=tmp_path / "run", pretrain=own, **PICTURES
    )
    said = capsys.readouterr().err
    counted = int(said.split("pretrained on ")[1].split()[0].replace(",", ""))
    assert counted > run.metrics["rows"]["train"] + 100
    shutil.copyfile(parts / "own.csv", parts / "same.csv")
    with pytest.raises(UsageError, match="are rows of the test part"):
        vertikit.train(
            "manufacturing/quality", parts / "own.csv", output=tmp_path / "leak", progress=False,
            pretrain={"epochs": 1, "data": str(parts / "same.csv")}, **PICTURES,
        )  # fmt: skip
