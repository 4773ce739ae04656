"""manufacturing/quality on its synthetic sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError
from vertikit_manufacturing.samples.quality import write


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parts") / "parts.csv"
    write(path, rows=420, seed=2)
    return path


@pytest.mark.parametrize("head", ["softmax", "nearest-mean", "logistic"])
def test_kinds_are_told_better_than_by_pixels_and_not_all(parts: Path, head: str, tmp_path: Path) -> None:
    run = vertikit.train(
        "manufacturing/quality",
        parts,
        output=tmp_path / "run",
        progress=False,
        head=head,
        epochs=30,
        evaluation={"bootstrap": 100},
    )
    metrics = run.metrics
    assert metrics["test"]["macro_f1"]["value"] > metrics["baselines"]["majority"]["macro_f1"]["value"] + 0.1
    assert metrics["test"]["macro_f1"]["value"] < 0.95
    assert metrics["split"]["name"] == "grouped" and metrics["rows"]["quarantined"] >= 1
    made = pd.read_parquet(run.folder / "predictions.parquet").set_index("row")
    again = vertikit.load(run.folder).predict(parts).set_index("row").loc[made.index]
    names = [name for name in made if name.startswith("defect.p.")]
    assert len(names) == 6 and np.allclose(made[names], again[names], atol=1e-5)


def test_a_trained_head_wants_a_loss_that_teaches_and_an_encoder_in_training_a_trained_head(
    parts: Path, tmp_path: Path
) -> None:
    for changed, said in (
        ({"head": "softmax", "loss": "none"}, "loss 'none' teaches nothing"),
        ({"backbone": "picture-cnn", "strategy": "full"}, "head=softmax"),
    ):
        with pytest.raises(UsageError) as error:
            vertikit.train("manufacturing/quality", parts, output=tmp_path / "run", progress=False, **changed)
        assert said in f"{error.value} {error.value.do}"
    assert not (tmp_path / "run").exists()
