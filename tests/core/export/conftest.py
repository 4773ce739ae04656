"""Small runs of every kind that leaves the kit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vertikit
from tests.core.adapt.test_pretraining import table_rows

QUICK: dict[str, Any] = {"evaluation": {"bootstrap": 0}, "baselines": ["majority"]}


@pytest.fixture(scope="package")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with numbers, a category, times and gaps."""
    path = tmp_path_factory.mktemp("payments") / "payments.csv"
    table_rows(600).to_csv(path, index=False)
    return path


@pytest.fixture(scope="package")
def table_run(payments: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """TabM blended with boosted trees, and a queue of alerts."""
    return vertikit.train(
        "finance/fraud", payments, output=tmp_path_factory.mktemp("table") / "run", progress=False,
        backbone={"name": "tabm", "width": 16}, experts=[], epochs=2, refit="never", **QUICK,
    )  # fmt: skip


@pytest.fixture(scope="package")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic readings of machines."""
    from vertikit_manufacturing.samples.fault import write

    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    write(path, rows=9_000, seed=5)
    return path


@pytest.fixture(scope="package")
def window_run(readings: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """A network on windows of sensors, with columns of an expert beside."""
    return vertikit.train(
        "manufacturing/fault", readings, output=tmp_path_factory.mktemp("windows") / "run", progress=False,
        backbone={"name": "resnet1d", "width": 8}, epochs=1, refit="never", blend=None,
        experts=[{"name": "signal", "sets": "statistics"}], split={"name": "grouped"},
        reshape={"window": "24h", "stride": "12h", "horizon": "96h"}, **QUICK,
    )  # fmt: skip


@pytest.fixture(scope="package")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic answers to questions."""
    from vertikit_education.samples.grading import write

    path = tmp_path_factory.mktemp("grades") / "grades.csv"
    write(path, rows=360, seed=1)
    return path


@pytest.fixture(scope="package")
def pair_run(graded: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """Three texts a row, an expert beside them, a blend on the same numbers, steps of a scale."""
    return vertikit.train(
        "education/grading", graded, output=tmp_path_factory.mktemp("pairs") / "run", progress=False,
        backbone=str(tiny_encoder), epochs=2, **QUICK,
    )  # fmt: skip
