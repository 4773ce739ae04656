"""The sample is as awkward as real payments: rare frauds, gaps, repeats, refunds, and no column that tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from vertikit_finance.samples.fraud import FIELDS, write


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("sample") / "payments.csv"
    write(path, rows=12000, seed=1)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_a_seed_decides_all_of_it(tmp_path: Path) -> None:
    for name, seed in (("a", 2), ("b", 2), ("c", 3)):
        write(tmp_path / name, rows=500, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_it_has_what_real_payments_have(table: pd.DataFrame) -> None:
    assert list(table) == list(FIELDS) and len(table) == 12000
    assert 0.005 < (table.fraud == "1").mean() < 0.03
    assert table.id.duplicated().sum() >= 20  # delivered twice
    for name in ("channel", "age_days", "fraud"):
        assert 0 < (table[name] == "").mean() < 0.05, name
    assert (pd.to_numeric(table.amount) < 0).any()  # refunds
    assert not pd.to_datetime(table.time).is_monotonic_increasing  # some come late
    assert table.card.nunique() > 50 and table.terminal.nunique() > 30


@pytest.mark.parametrize("name", ["amount", "age_days", "channel", "category", "country"])
def test_no_column_by_itself_tells_a_fraud(name: str, table: pd.DataFrame) -> None:
    known = table[(table.fraud != "") & (table[name] != "")]
    fraud = (known.fraud == "1").to_numpy()
    if name in ("amount", "age_days"):
        score = pd.to_numeric(known[name]).to_numpy()
    else:  # the share of frauds of its kind, of the very rows that are asked: as well as it could ever do
        score = known.groupby(name)["fraud"].transform(lambda each: (each == "1").mean()).to_numpy()
    area = roc_auc_score(fraud, score)
    assert max(area, 1 - area) < 0.85


def test_frauds_are_of_kinds_that_come_up_later_too(table: pd.DataFrame) -> None:
    days = pd.to_datetime(table.time).dt.dayofyear.to_numpy()
    early, late = days < np.quantile(days, 0.4), days > np.quantile(days, 0.7)
    fraud = (table.fraud == "1").to_numpy()
    online = (table.channel == "online").to_numpy()
    shares = [online[fraud & part].mean() for part in (early, late)]
    assert abs(shares[0] - shares[1]) > 0.05  # what the first weeks teach is not the whole of it
