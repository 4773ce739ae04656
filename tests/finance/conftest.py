from __future__ import annotations

import pandas as pd
import pytest

from vertikit_finance.samples.fraud import write


@pytest.fixture(scope="session")
def payments(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("payments") / "payments.csv"
    write(path, rows=9000, seed=4)
    return pd.read_csv(path, dtype=str, keep_default_na=False)
