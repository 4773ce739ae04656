"""Graphs of pictures, which only the kit reads."""

from __future__ import annotations

import json

import pytest

import vertikit
from vertikit import UsageError
from vertikit.export.exporting import export


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    from vertikit_manufacturing.samples.quality import write

    path = tmp_path_factory.mktemp("plates") / "plates.csv"
    write(path, rows=150, seed=2)
    return path


@pytest.mark.parametrize("head", ["logistic", pytest.param("nearest-mean", marks=pytest.mark.slow)])
def test_a_picture_leaves_as_pixels_with_its_head(plates, head, tmp_path):
    run = vertikit.train(
        "manufacturing/quality", plates, output=tmp_path / "run", progress=False, head=head,
        evaluation={"bootstrap": 0, "few_shot": []}, baselines=["majority"],
    )  # fmt: skip
    made = export(run, "onnx", tmp_path / "e", data=str(plates))
    assert made.parity.apart < 1e-4
    assert not made.program and not (tmp_path / "e/predict.py").exists()
    about = json.loads((tmp_path / "e/model.json").read_text())
    assert about["graph"]["inputs"]["pixels"]["type"] == "uint8"
    assert "brought to" in (tmp_path / "e/README.md").read_text()


@pytest.mark.slow
def test_a_memory_bank_leaves_as_a_graph_too(tmp_path):
    from vertikit_manufacturing.samples.anomaly import write

    write(tmp_path / "p.csv", rows=120, seed=1)
    run = vertikit.train(
        "manufacturing/anomaly", tmp_path / "p.csv", output=tmp_path / "run", progress=False,
        evaluation={"bootstrap": 0}, head={"name": "memory-bank", "standardise": "each", "most": 200},
        baselines=[],
    )  # fmt: skip
    made = export(run, "onnx", tmp_path / "e", data=str(tmp_path / "p.csv"))
    assert made.parity.apart < 1e-3


@pytest.mark.slow
def test_a_blend_that_reads_pictures_otherwise_is_refused_and_left_out_on_demand(tmp_path):
    from vertikit_medical.samples.imaging import write

    write(tmp_path / "f.csv", rows=160, seed=1)
    run = vertikit.train(
        "medical/imaging", tmp_path / "f.csv", output=tmp_path / "run", progress=False, epochs=1,
        evaluation={"bootstrap": 0}, baselines=["majority"], backbone={"name": "picture-cnn", "size": 32},
    )  # fmt: skip
    with pytest.raises(UsageError, match="--alone"):
        export(run, "onnx", tmp_path / "e", data=str(tmp_path / "f.csv"))
    made = export(run, "onnx", tmp_path / "e", data=str(tmp_path / "f.csv"), alone=True)
    assert made.parity.apart < 1e-4
