"""Rules in a whole run: as features and constraint, as veto, and read back without their file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import VertikitError

pytest.importorskip("tabm")
pytest.importorskip("polars")
RULES = """
rules:
  - {name: night, when: hour < 5 AND sum > 50, then: fraud, at_least: 0.9, reason: a large sum at night}
"""
QUICK: dict[str, Any] = {
    "backbone": {"name": "mlp", "width": 16, "embedding": 4, "bins": 8},
    "epochs": 4,
    "baselines": ["majority"],
    "blend": None,
    "evaluation": {"bootstrap": 20},
}


def table(rows: int, seed: int) -> pd.DataFrame:
    """Frauds are large sums at night, four of five, and a few others."""
    random = np.random.default_rng(seed)
    hour, total = random.integers(0, 24, rows), random.lognormal(3.5, 1, rows).round(2)
    ruled = (hour < 5) & (total > 50)
    fraud = np.where(ruled, random.random(rows) < 0.8, random.random(rows) < 0.02)
    return pd.DataFrame(
        {"hour": hour, "sum": total, "noise": random.normal(size=rows), "fraud": fraud.astype(int)}
    )


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def trained(rules: Path, output: Path, use: list[str]) -> vertikit.Run:
    experts = [{"name": "rules", "file": str(rules), "use": use}]
    return vertikit.train(
        "finance/fraud", table(4000, 0), output=output, progress=False, experts=experts, **QUICK
    )


@pytest.fixture(scope="module")
def bounded(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    return trained(rules, tmp_path_factory.mktemp("runs") / "bounded", ["features", "constraint"])


def held(frame: pd.DataFrame) -> np.ndarray:
    return ((frame["hour"] < 5) & (frame["sum"] > 50)).to_numpy()


def test_experts_alone_the_model_without_and_both_are_compared_on_the_same_rows(
    bounded: vertikit.Run,
) -> None:
    found = bounded.metrics["experts"]
    assert found["used"] == {"rules": ["features", "constraint"]} and found["through"] == "gradient-boosting"
    values = {key: found[key]["average_precision"]["value"] for key in ("alone", "without", "with")}
    assert (
        values["with"] > values["without"]
        and values["with"] == bounded.metrics["test"]["average_precision"]["value"]
    )
    assert 0.3 < values["alone"] < 1
    page = (bounded.folder / "report.html").read_text(encoding="utf-8")
    assert "Experts beside the model" in page and "a large sum at night" in page


def test_a_bound_holds_for_new_rows_and_its_reason_is_told_without_the_file(
    bounded: vertikit.Run, rules: Path, tmp_path: Path
) -> None:
    shutil.copytree(bounded.folder, tmp_path / "run")
    moved = rules.with_suffix(".away")
    rules.rename(moved)
    try:
        new = table(300, 1)
        found = vertikit.load(tmp_path / "run").predict(new.drop(columns="fraud"))
    finally:
        moved.rename(rules)
    said = held(new)
    assert 10 < said.sum() < 250
    assert (found.loc[said, "fraud.p.fraud"] >= 0.9 - 1e-9).all()
    assert found.loc[said, "reason"].str.contains("a large sum at night").all()
    assert not found.loc[~said, "reason"].str.contains("a large sum at night").any()


def test_a_veto_decides_and_leaves_the_score(rules: Path, tmp_path: Path) -> None:
    run = trained(rules, tmp_path / "veto", ["veto"])
    rulings = run.metrics["rulings"]["veto"]
    assert [each["reason"] for each in rulings] == ["a large sum at night"] and 0.5 < rulings[0]["right"] < 1
    new = table(300, 1)
    found = run.predict(new.drop(columns="fraud"))
    assert (found.loc[held(new), "fraud.p.fraud"] < 0.9).any()
    alerts = found.decision == "alert"
    # The queue has room for a hundred: those that a rule names come first.
    assert alerts[held(new)].all() and alerts.sum() == 100
    again = run.evaluate(new)
    assert again["rulings"]["veto"][0]["rows"] == int(held(new).sum())


def test_a_class_that_there_is_not_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.replace("then: fraud", "then: theft"), encoding="utf-8")
    with pytest.raises(VertikitError, match="speaks of 'theft'"):
        trained(path, tmp_path / "run", ["veto"])
    assert not (tmp_path / "run.partial").exists()
