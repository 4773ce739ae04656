"""A backbone that reads the readings themselves, with the experts' columns beside, from training to prediction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit_manufacturing.samples.fault import write


@pytest.mark.parametrize("backbone", ["resnet1d", "gru", "patchtst"])
def test_a_run_with_it_is_read_back_and_answers_alike_in_any_company(backbone, tmp_path):
    path = tmp_path / "readings.csv"
    write(path, rows=12_000, seed=5)
    run = vertikit.train(
        "manufacturing/fault",
        path,
        output=tmp_path / "run",
        progress=False,
        backbone={"name": backbone, "width": 8},
        epochs=2,
        refit="never",
        experts=[{"name": "signal", "sets": "statistics"}],
        baselines=["majority"],
        blend=None,
        split={"name": "grouped"},
        evaluation={"bootstrap": 0, "compare_experts": False},
        reshape={"window": "24h", "stride": "12h", "horizon": "96h"},
    )
    rows = pd.read_csv(path, dtype=str).head(200)
    rows.loc[30:40, "vibration"] = np.nan
    fresh = vertikit.load(tmp_path / "run")
    together, again = run.predict(rows), fresh.predict(rows)
    pd.testing.assert_frame_equal(together, again)
    alone = fresh.predict(rows.head(24))
    assert alone["fault.p.fault"].iloc[0] == pytest.approx(together["fault.p.fault"].iloc[0], abs=1e-5)
    assert together["fault.p.fault"].nunique() > 1
