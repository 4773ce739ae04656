"""Payments, and a small run on most of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import vertikit
from vertikit_finance.samples.fraud import write

TASK = "finance/fraud"
QUICK: dict[str, Any] = {
    "backbone": {"name": "tabm", "members": 2, "width": 16, "embedding": 4, "bins": 8},
    "epochs": 3,
    "baselines": ["majority", "gradient-boosting"],
    "experts": [{"name": "velocity", "amount": "amount", "spans": ["1d", "7d"]}],
    "evaluation": {"bootstrap": 20, "compare_experts": False},
}


@pytest.fixture(scope="session")
def payments(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("payments") / "payments.csv"
    write(path, rows=9000, seed=4)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def run(payments: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    output = tmp_path_factory.mktemp("runs") / "fraud"
    return vertikit.train(TASK, payments.iloc[:8000], output=output, progress=False, **QUICK)
